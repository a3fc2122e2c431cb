import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { compiled, noCompiler, scratch } from './c-program.ts';

/** What a file system is asked, in the order in which it comes. */
export interface Arrival {
  readonly id: number;
  readonly kind: string;
  readonly offset: number;
}

function pkgConfig(): string[] | undefined {
  const { status, stdout } = spawnSync('pkg-config', ['--cflags', '--libs', 'fuse3']);
  return status === 0 ? stdout.toString().trim().split(/\s+/) : undefined;
}

/** Why there can be no such file system here; undefined if there can. */
export function noFuse(): string | undefined {
  if (noCompiler()) return noCompiler();
  if (!pkgConfig()) return 'libfuse3 (libfuse3-dev) is not installed';
  try {
    accessSync('/dev/fuse');
  } catch {
    return 'there is no /dev/fuse';
  }
  return process.getuid?.() === 0 ? undefined : 'mounting needs root here';
}

/** A file whose reads, writes and fsyncs end when the test says so: held-file.c. */
export class HeldFile {
  readonly path: string;
  readonly arrivals: Arrival[] = [];
  readonly interrupts: number[] = [];
  readonly #child: ChildProcess;
  readonly #ready: Promise<unknown>;
  #told = () => {};

  constructor() {
    const folder = scratch('held');
    mkdirSync(folder);
    this.path = `${folder}/file`;
    const program = compiled('held-file.c', '-D_GNU_SOURCE', ...(pkgConfig() ?? []));
    this.#child = spawn(program, [folder], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    this.#ready = once(lines, 'line').then(() => lines.on('line', (line) => this.#seen(line)));
  }

  #seen(line: string): void {
    const [first = '', kind = '', offset = ''] = line.split(' ');
    if (first === 'interrupt') this.interrupts.push(Number(kind));
    else if (first === 'interruptible') this.#told();
    else this.arrivals.push({ id: Number(first), kind, offset: Number(offset) });
  }

  async mounted(): Promise<void> {
    await this.#ready;
  }

  /** Waits until so many requests have come in all. */
  async came(requests: number): Promise<readonly Arrival[]> {
    while (this.arrivals.length < requests) await new Promise((resolve) => setTimeout(resolve, 1));
    return this.arrivals.slice(-requests);
  }

  /** Ends a request: with success, or with an errno. */
  answer({ id }: Arrival, errno = 0): void {
    this.#child.stdin?.write(`${id} ${errno}\n`);
  }

  /** Whether an interrupted request ends with EINTR from now on. */
  async beInterruptible(isSo: boolean): Promise<void> {
    const told = new Promise<void>((resolve) => {
      this.#told = resolve;
    });
    this.#child.stdin?.write(`-1 ${Number(isSo)}\n`);
    await told;
  }

  async end(): Promise<void> {
    const over = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await over;
  }
}
