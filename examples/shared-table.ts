// A table that a C program fills and JavaScript reads, in memory that both share:
// cc -o writer c/shared-table.c && node shared-table.js ./writer
// The side that has nothing to do sleeps in a futex of that memory. Here that is a system call like
// any other, and the event loop goes on.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { constants, mapShared, sys } from 'syslets';
import * as abi from 'syslets/abi';

const { FUTEX_WAKE } = constants;
const COUNT = 10_000;
const ROWS = 64;
const { array, char, double, u32, u64 } = abi;

// as in c/shared-table.c
const measurement = abi.struct('measurement', {
  number: u64,
  value: double,
  name: array(char, 16),
});
const layoutOfTable = abi.struct('table', {
  written: u32,
  taken: u32,
  rows: array(measurement, ROWS),
});
const target = process.arch === 'arm64' ? abi.aarch64 : abi.x86_64;

/** The futex of a member. */
function word(member: 'written' | 'taken'): Int32Array<SharedArrayBuffer> {
  return new Int32Array(memory, abi.offsetOf(layoutOfTable, target, member), 1);
}

const file = `/dev/shm/syslets-table-${process.pid}`;
const memory = mapShared(file, { create: true, length: abi.layout(layoutOfTable, target).size });
const table = abi.view(layoutOfTable, target, memory);
const [written, taken] = [abi.atomic(table, 'written'), abi.atomic(table, 'taken')];

const writer = spawn(process.argv[2] ?? './writer', [file, String(COUNT)], { stdio: 'inherit' });
const gone = new AbortController();
const exited = new Promise((resolve) => {
  writer.once('error', resolve);
  writer.once('exit', resolve);
});
exited.then(() => gone.abort());

/** Sleeps until `written` is no longer `value`, or the writer is gone. */
async function changed(value: number): Promise<void> {
  try {
    await sys.futex_wait(word('written'), value, null, { signal: gone.signal });
  } catch (error) {
    // EAGAIN: it has changed already
    if ((error as { code?: string }).code !== 'EAGAIN' && written.load() === value) throw error;
  }
}

async function read(): Promise<void> {
  const names = new Map<string, number>();
  let sum = 0;
  let wrong = 0;
  for (let number = 0; number < COUNT; number++) {
    while (written.load() === number) await changed(number);
    const row = table.rows.get(number % ROWS);
    if (row.number !== BigInt(number)) wrong++;
    sum += row.value;
    const name = abi.text(row.name);
    names.set(name, (names.get(name) ?? 0) + 1);
    taken.store(number + 1);
    await sys.call('futex', word('taken'), FUTEX_WAKE, 1);
  }
  console.log(`${COUNT} measurements, ${wrong} wrong, sum ${sum}`);
  for (const [name, count] of names) console.log(`${name}: ${count}`);
}

try {
  await read();
} catch (error) {
  console.error(gone.signal.aborted ? 'the writer has ended early' : error);
  process.exitCode = 1;
  writer.kill();
} finally {
  console.log(`the writer's end: ${await exited}`);
  rmSync(file);
}
