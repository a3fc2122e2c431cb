import { extname } from 'node:path';
import { type FolderTrace, factsOfThread, TraceMemory } from '../trace/index.ts';
import { writeTraces } from './trace-write.ts';

const TASKS = 64;
const EVENTS = 16_384;

/** What `tour --trace FILE` does: a timeline of the hand-offs. */
export class TourTrace {
  readonly memory = TraceMemory.create({ tasks: TASKS, events: EVENTS });
  readonly #file: string;
  readonly #facts = factsOfThread();
  #taken: FolderTrace | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** Before the walk, whose hundred thousands of calls would push all others out. */
  take(): void {
    const read = this.memory.read();
    this.#taken = read && { ...read, facts: this.#facts };
  }

  /** A page where the file is called so, else Chrome JSON; what is in it, as text. */
  write(): string {
    const file = this.#file;
    const isPage = ['.html', '.htm'].includes(extname(file));
    return writeTraces(this.#taken ? [this.#taken] : [], isPage ? { html: file } : { json: file });
  }
}
