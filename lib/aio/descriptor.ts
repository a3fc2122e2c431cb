import { constants, NR } from '../kernel/index.ts';
import { addressOf, type Loop } from '../loop/index.ts';

const { F_GETFD, F_GETFL, O_APPEND, AT_EMPTY_PATH } = constants;

/** <linux/stat.h>: what a file system knows without asking a server, and where it stands. */
const { AT_STATX_DONT_SYNC, STATX_INO } = constants;
const STATX_BYTES = 256;
const STX_INO = 32;
const STX_DEV_MAJOR = 136;

/** Of a loop, the part that waits for answers. */
export type Asked = Pick<Loop, 'waited'>;

/** What requests ask about descriptors. */
export class Descriptors {
  readonly #loop: Asked;
  readonly #answer = new Int32Array(new SharedArrayBuffer(STATX_BYTES));
  readonly #answerAt = addressOf(this.#answer, 'statx');
  readonly #emptyPath = new Uint8Array(new SharedArrayBuffer(1));
  readonly #emptyPathAt = addressOf(this.#emptyPath, 'path');

  constructor(loop: Asked) {
    this.#loop = loop;
  }

  isOpen(fd: number): boolean {
    return this.#loop.waited.make(NR.fcntl, fd, F_GETFD) >= 0;
  }

  appends(fd: number): boolean {
    const flags = this.#loop.waited.make(NR.fcntl, fd, F_GETFL);
    return flags >= 0 && (flags & O_APPEND) !== 0;
  }

  /**
   * Which file the descriptor names, by device and inode; undefined if it names none. Numbers of
   * descriptors are used again, and two may name one file.
   */
  fileOf(fd: number): string | undefined {
    const flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC;
    const [path, answer] = [this.#emptyPathAt, this.#answerAt];
    if (this.#loop.waited.make(NR.statx, fd, path, flags, STATX_INO, answer) < 0) return undefined;
    const word = (offset: number) => this.#answer[offset / Int32Array.BYTES_PER_ELEMENT];
    return [STX_INO, STX_INO + 4, STX_DEV_MAJOR, STX_DEV_MAJOR + 4].map(word).join(':');
  }
}
