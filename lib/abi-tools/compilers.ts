import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Target } from '../abi/index.ts';
import { run } from './run.ts';

/** A compiler that can be asked about a target. */
export interface Compiler {
  /** `cc`, `gcc -m32`, `clang`: for tables. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** What `-dumpmachine` must begin with; undefined where the arguments decide it. */
  readonly machine?: string;
  /** What the compiler must take for us to believe it about this ABI. */
  readonly assertion?: string;
  /** Its objects are not ELF: a stand-in writes them. */
  readonly needsStandIn?: true;
}

interface Entry {
  readonly triple: string;
  /** Debian's name of the cross GCC. */
  readonly cross?: string;
  /** What a native compiler of this target answers to -dumpmachine. */
  readonly native?: string;
  /** Arguments that make the GCC of x86_64 compile for it. */
  readonly multilib?: string;
  /** Where old clangs are known to be wrong. */
  readonly assertion?: string;
  /** clang's own m68k is not the ABI that Linux uses, and its generic is nobody's. */
  readonly noClang?: true;
  /** Mach-O, COFF or WebAssembly. */
  readonly notElf?: true;
}

const entries: Readonly<Record<string, Entry>> = {
  i386: { triple: 'i386-linux-gnu', cross: 'i686-linux-gnu', native: 'i', multilib: '-m32' },
  x86_64: { triple: 'x86_64-linux-gnu', native: 'x86_64', multilib: '-m64' },
  generic: { triple: 'x86_64-linux-gnu', native: 'x86_64', multilib: '-m64' },
  x32: { triple: 'x86_64-linux-gnux32', cross: 'x86_64-linux-gnux32', multilib: '-mx32' },
  aarch64: { triple: 'aarch64-linux-gnu', cross: 'aarch64-linux-gnu', native: 'aarch64' },
  arm: { triple: 'arm-linux-gnueabihf', cross: 'arm-linux-gnueabihf', native: 'arm' },
  ppc64: { triple: 'powerpc64-linux-gnu', cross: 'powerpc64-linux-gnu', native: 'powerpc64-' },
  ppc64le: {
    triple: 'powerpc64le-linux-gnu',
    cross: 'powerpc64le-linux-gnu',
    native: 'powerpc64le',
  },
  riscv64: { triple: 'riscv64-linux-gnu', cross: 'riscv64-linux-gnu', native: 'riscv64' },
  s390x: {
    triple: 's390x-linux-gnu',
    cross: 's390x-linux-gnu',
    native: 's390x',
    // clang 14 says 16, against the ABI and GCC.
    assertion: '_Static_assert(_Alignof(__int128) == 8, "__int128 is aligned to 8 on s390x");',
  },
  mips: { triple: 'mips-linux-gnu', cross: 'mips-linux-gnu', native: 'mips-' },
  sparc64: { triple: 'sparc64-linux-gnu', cross: 'sparc64-linux-gnu', native: 'sparc64' },
  m68k: { triple: 'm68k-linux-gnu', cross: 'm68k-linux-gnu', native: 'm68k', noClang: true },
  loongarch64: {
    triple: 'loongarch64-linux-gnu',
    cross: 'loongarch64-linux-gnu',
    native: 'loongarch64',
  },
  wasm32: { triple: 'wasm32-unknown-wasi', notElf: true },
  'wasm32-emscripten': { triple: 'wasm32-unknown-emscripten', notElf: true },
  'aarch64-apple': { triple: 'arm64-apple-macosx11', notElf: true },
  'x86_64-apple': { triple: 'x86_64-apple-macosx11', notElf: true },
  'x86_64-windows-msvc': { triple: 'x86_64-pc-windows-msvc', notElf: true },
  'i686-windows-msvc': { triple: 'i686-pc-windows-msvc', notElf: true },
  'aarch64-windows-msvc': { triple: 'aarch64-pc-windows-msvc', notElf: true },
  'x86_64-windows-gnu': { triple: 'x86_64-pc-windows-gnu', notElf: true },
};

/** The arguments that make clang compile for a target; undefined where it does not know the ABI. */
export function clangArgs(target: string): readonly string[] | undefined {
  return entries[target]?.noClang ? undefined : readerArgs(target);
}

/** Those that make it read a header for a target: declarations and macros it knows of m68k, too. */
export function readerArgs(target: string): readonly string[] | undefined {
  const entry = entries[target];
  return entry && [`--target=${entry.triple}`, '-fintegrated-as'];
}

/** The compiler that proves what clang read of a header: clang itself where it knows the ABI. */
export async function proverFor(target: string): Promise<Compiler | undefined> {
  const known = compilersFor(target);
  const clang = known.find(({ file }) => file === clangFile());
  if (clang) return clang;
  for (const one of known) {
    if ((await unusable(one)) === undefined) return one;
  }
  return undefined;
}

/** Every compiler that may know the ABI of a target, installed here or not. */
export function compilersFor(target: string): readonly Compiler[] {
  const entry = entries[target];
  if (!entry) return [];
  const list: Compiler[] = [];
  const clang = clangArgs(target);
  if (entry.native) list.push({ name: 'cc', file: 'cc', args: [], machine: entry.native });
  if (entry.multilib && entry.multilib !== '-m64') {
    const name = `gcc ${entry.multilib}`;
    list.push({ name, file: 'gcc', args: [entry.multilib], machine: 'x86_64' });
  }
  if (clang) {
    const assertion = entry.assertion === undefined ? {} : { assertion: entry.assertion };
    const standIn = entry.notElf ? { needsStandIn: true as const } : {};
    list.push({ name: clangFile(), file: clangFile(), args: clang, ...assertion, ...standIn });
  }
  if (entry.cross) {
    const file = `${entry.cross}-gcc`;
    list.push({ name: file, file, args: [], machine: entry.cross.split('-')[0] ?? '' });
  }
  return list;
}

function isInstalled(file: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, file), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const clangMajors = Array.from({ length: 30 }, (_, index) => 40 - index);
let chosenClang: string | undefined;

/** The newest clang on the PATH, or what SYSLETS_CLANG names. Old ones are wrong about some ABIs. */
export function clangFile(): string {
  chosenClang ??=
    process.env.SYSLETS_CLANG ??
    clangMajors.map((major) => `clang-${major}`).find(isInstalled) ??
    'clang';
  return chosenClang;
}

const probed = new Map<string, Promise<string | undefined>>();

/** Why the compiler cannot be used here, for C unless another language is given; undefined if it can. */
export function unusable(
  compiler: Compiler,
  language: Target['language'] = 'c',
): Promise<string | undefined> {
  const key = [language, compiler.machine ?? '', compiler.file, ...compiler.args].join(' ');
  const known = probed.get(key) ?? (language === 'c' ? probe(compiler) : probeCpp(compiler));
  probed.set(key, known);
  return known;
}

/** GCC's parts for C and for C++ are installed one by one. */
async function probeCpp(compiler: Compiler): Promise<string | undefined> {
  const reason = await unusable(compiler);
  if (reason) return reason;
  const args = [...compiler.args, '-x', 'c++', '-fsyntax-only', '-'];
  const { status, stderr } = await run(compiler.file, args, { input: '' });
  return status === 0 ? undefined : `${compiler.name} compiles no C++: ${firstLine(stderr)}`;
}

async function probe(compiler: Compiler): Promise<string | undefined> {
  const { status, stdout, stderr } = await run(compiler.file, [...compiler.args, '-dumpmachine']);
  if (status === undefined) return `${compiler.file} is not installed`;
  if (status !== 0) return `${compiler.name} -dumpmachine failed: ${firstLine(stderr)}`;
  const machine = stdout.toString().trim();
  if (machine === '') return `${compiler.name} -dumpmachine says nothing: it is no compiler`;
  if (compiler.machine !== undefined && !machine.startsWith(compiler.machine)) {
    return `${compiler.file} here compiles for ${machine}`;
  }
  return compiler.assertion === undefined ? undefined : assertionFault(compiler);
}

async function assertionFault(compiler: Compiler): Promise<string | undefined> {
  const args = [...compiler.args, '-x', 'c', '-fsyntax-only', '-'];
  const { status } = await run(compiler.file, args, { input: compiler.assertion ?? '' });
  return status === 0
    ? undefined
    : `${compiler.name} does not know this ABI: ${compiler.assertion}`;
}

export function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}

/** The first error in a compiler's messages, else their first line. */
export function firstError(stderr: string): string {
  const found = /^.*\berror: .*$/m.exec(stderr)?.[0] ?? firstLine(stderr);
  return found.trim();
}
