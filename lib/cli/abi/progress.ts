const width = 30;

export interface ProgressBar {
  readonly show: (target: string, fraction: number) => void;
  readonly end: () => void;
}

/** A bar on stderr that counts over all targets; silent where stderr is no terminal. */
export function progressBar(targets: readonly string[]): ProgressBar {
  if (!process.stderr.isTTY) return { show: () => undefined, end: () => undefined };
  const read = new Map<string, number>();
  return {
    show(target, fraction) {
      read.set(target, fraction);
      const done = [...read.values()].reduce((sum, one) => sum + one, 0) / targets.length;
      const full = Math.round(done * width);
      const bar = '#'.repeat(full).padEnd(width, '.');
      process.stderr.write(
        `\r[${bar}] ${String(Math.round(done * 100)).padStart(3)} % ${target}  `,
      );
    },
    end: () => process.stderr.write('\r\u001b[K'),
  };
}
