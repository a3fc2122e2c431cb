/**
 * An echo server that handles EMFILE of accept4: it waits a moment and goes on. Prints its port, and
 * what has happened since the last time whenever it is asked by a line on standard input.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { SysletsError } from '../errors.ts';
import { constants } from '../kernel/index.ts';
import { SocketAddress, sys } from '../posix/index.ts';
import { HeldTimer } from './held-timer.ts';

const { AF_INET, SOCK_STREAM, MSG_NOSIGNAL } = constants;
const PAUSE_MS = 20;

export interface EchoFacts {
  /** Times that a timer of 10 ms has fired. */
  readonly ticks: number;
  /** ms: the longest time between two of them. */
  readonly held: number;
  /** Connections that could not be accepted at once. */
  readonly refused: number;
}

let refused = 0;
const timer = new HeldTimer();

async function echo(fd: number): Promise<void> {
  const bytes = new Uint8Array(1000);
  try {
    for (;;) {
      const length = await sys.recvfrom(fd, bytes);
      if (length === 0) break;
      await sys.sendto(fd, bytes.subarray(0, length), MSG_NOSIGNAL);
    }
  } catch (error) {
    if (!(error instanceof SysletsError)) throw error; // the other side is gone
  } finally {
    await sys.close(fd);
  }
}

async function listen(): Promise<number> {
  const listener = await sys.call('socket', AF_INET, SOCK_STREAM, 0);
  const any = SocketAddress.ip('127.0.0.1', 0);
  await sys.call('bind', listener, any.storage, any.length);
  await sys.call('listen', listener, 512);
  return listener;
}

async function portOf(listener: number): Promise<number> {
  const bound = SocketAddress.empty();
  await sys.call('getsockname', listener, bound.storage, new Int32Array([bound.length]));
  return bound.port;
}

function answer(): void {
  const facts: EchoFacts = { ticks: timer.turns, held: timer.longestMs, refused };
  process.stdout.write(`${JSON.stringify(facts)}\n`);
  timer.begin();
  refused = 0;
}

async function serve(listener: number): Promise<never> {
  for (;;) {
    try {
      echo(await sys.accept4(listener, null, 0));
    } catch (error) {
      if ((error as { code?: string }).code !== 'EMFILE') throw error;
      refused++;
      await sleep(PAUSE_MS);
    }
  }
}

const listener = await listen();
process.stdin.on('data', answer);
process.stdout.write(`${await portOf(listener)}\n`);
await serve(listener);
