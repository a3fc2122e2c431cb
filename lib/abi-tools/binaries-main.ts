#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { x86_64 } from '../abi/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type BinaryRow, compareBinary } from './binaries.ts';
import { clangFile } from './compilers.ts';
import { run } from './run.ts';

const usage = `abi:binaries -- [FILE ...]

Compares each struct and union of each FILE (objects, libraries, programs with DWARF for x86_64) with
pahole and gdb: sizes, and where each member is. Without FILE, of objects that are made for it (all
types of the C library's and the kernel's headers, by GCC and clang, in DWARF 4 and 5) and of the C
library's own debug file.
Exit status: 0 no difference, 1 a difference, 2 nothing was compared.`;

const headers = {
  libc: 'stdio stdlib time signal pthread netdb poll dirent fcntl termios ucontext utmpx sys/socket sys/stat sys/uio sys/wait sys/epoll sys/resource netinet/in netinet/tcp netinet/ip6 net/if',
  linux:
    'linux/io_uring linux/perf_event linux/bpf linux/tcp linux/stat linux/fuse linux/kvm linux/aio_abi linux/videodev2 linux/if_link linux/fs linux/input',
} as const;

/** Every type of some headers, used or not. */
async function makeObjects(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const [name, list] of Object.entries(headers)) {
    const input = list
      .split(' ')
      .map((one) => `#include <${one}.h>\n`)
      .join('');
    for (const compiler of ['gcc', clangFile()]) {
      for (const version of ['4', '5']) {
        const file = join(folder, `${name}-${compiler}-${version}.o`);
        const flags = ['-g', `-gdwarf-${version}`, '-fno-eliminate-unused-debug-types'];
        const fixed = ['-D_GNU_SOURCE', '-w', '-x', 'c', '-c', '-o', file, '-'];
        const { status, stderr } = await run(compiler, [...flags, ...fixed], { input });
        if (status !== 0) throw new Error(`${compiler}: ${stderr}`);
        files.push(file);
      }
    }
  }
  return files;
}

const libc = ['/lib/x86_64-linux-gnu/libc.so.6', '/lib/x86_64-linux-gnu/libpthread.so.0'];

function print(row: BinaryRow): void {
  const { file, types, compared, refused, differences, ourMs, paholeMs } = row;
  const counts = `${types} types, ${compared.pahole} and ${compared.gdb} compared`;
  const times = `${Math.round(ourMs)} ms, pahole ${Math.round(paholeMs)} ms (${(ourMs / paholeMs).toFixed(2)})`;
  console.log(
    `${basename(file).padEnd(22)} ${counts}, ${refused.length} refused, ${differences.length} differences; ${times}`,
  );
  for (const one of differences.slice(0, 20)) console.log(`  ${one}`);
}

async function main(): Promise<number> {
  const options = { help: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const folder = temporaryFolder('syslets-binaries-');
  try {
    const own = positionals.length > 0 ? positionals : await makeObjects(folder.path);
    const files = positionals.length > 0 ? own : [...own, ...libc.filter(existsSync)];
    const rows: BinaryRow[] = [];
    for (const file of files) {
      const row = await compareBinary(file, x86_64);
      print(row);
      rows.push(row);
    }
    return summary(rows);
  } finally {
    folder.remove();
  }
}

function summary(rows: readonly BinaryRow[]): number {
  const sum = (of: (row: BinaryRow) => number) => rows.reduce((all, row) => all + of(row), 0);
  const compared = sum((row) => row.compared.pahole + row.compared.gdb);
  const differences = sum((row) => row.differences.length);
  const ratio = sum((row) => row.ourMs) / sum((row) => row.paholeMs);
  console.log(
    `${rows.length} files, ${compared} structs and unions compared with pahole and gdb, ${differences} differences, ${ratio.toFixed(2)} times pahole's time`,
  );
  return differences > 0 ? 1 : compared === 0 ? 2 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`abi:binaries: ${(error as Error).message}`);
  process.exitCode = 2;
}
