/** A result file that cannot be used: which, what was wrong with it, and what to do. */
export class ResultFileError extends Error {
  override readonly name = 'ResultFileError';
  readonly code = 'ERR_SYSLETS_RESULT';
  readonly file: string;

  constructor(file: string, wrong: string, remedy: string) {
    super(`${file === '' ? "''" : file} ${wrong}; ${remedy}`);
    this.file = file;
  }
}
