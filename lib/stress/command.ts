import type { TrialConfig } from '../report/result.ts';
import { configText } from './config.ts';

export interface Again {
  readonly asked: string;
  readonly config: TrialConfig;
  readonly seed: number;
  readonly ms: number;
}

const MIN_SECONDS = 2;

/** The command that makes one trial again. */
export function rerunCommand({ asked, config, seed, ms }: Again): string {
  const seconds = Math.max(MIN_SECONDS, Math.ceil(ms / 1000));
  return `syslets stress ${quoted(asked)} --config ${configText(config)} --seed ${seed} --time ${seconds}s`;
}

/** For a shell, where that is needed. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
