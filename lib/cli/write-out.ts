import { fstatSync, writeSync } from 'node:fs';

export const STDOUT = 1;
const STDERR = 2;
/** A pipe that another program made non-blocking is full: for so long nothing is tried. */
const RETRY_MS = 5;

// Node makes the streams of a process when they are asked for, which takes some milliseconds: here a
// descriptor is asked first.

/** The standard error, if it is a terminal. */
export function terminalOfErrors(): NodeJS.WriteStream | undefined {
  return mayBeTerminal(STDERR) && process.stderr.isTTY ? process.stderr : undefined;
}

/** The standard output, if it is a terminal. */
export function terminalOfOutput(): NodeJS.WriteStream | undefined {
  return mayBeTerminal(STDOUT) && process.stdout.isTTY ? process.stdout : undefined;
}

function mayBeTerminal(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice();
  } catch {
    return false;
  }
}

/** Writes to the standard output. EPIPE is thrown when nobody reads it any more. */
export function writeOut(text: string): void {
  writeAll(STDOUT, Buffer.from(text));
}

export function writeError(text: string): void {
  writeAll(STDERR, Buffer.from(text));
}

/** Writes all, past Node's streams, which would queue what a slow reader has not taken. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSome(fd, bytes.subarray(at));
}

function writeSome(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    return 0;
  }
}
