import { notify, type Told } from './notify.ts';
import type { Notice } from './sigevent.ts';

/** The requests of one lio_listio. */
export class ListGroup {
  /** Requests that are not over, and one for the list itself until all are submitted. */
  left = 1;
  failed = false;
  readonly #notice: Notice;

  constructor(notice: Notice) {
    this.#notice = notice;
  }

  /** One of them is over. */
  ended(result: number, loop: Told): void {
    if (result < 0) this.failed = true;
    if (--this.left === 0) notify(this.#notice, loop);
  }
}
