import type { TrialConfig } from '../report/result.ts';
import type { Params } from '../scenario/index.ts';
import { configText } from './config.ts';

export interface Again {
  readonly asked: string;
  readonly params: Params | undefined;
  readonly config: TrialConfig;
  readonly seed: number;
  readonly ms: number;
  /** Of a structure: this program and no other. */
  readonly program?: string | undefined;
}

const MIN_SECONDS = 2;

/** The command that makes one trial again: its configuration and its seed. */
export function rerunCommand({ asked, params, config, seed, ms, program }: Again): string {
  const seconds = Math.max(MIN_SECONDS, Math.ceil(ms / 1000));
  const given = Object.entries(params ?? {})
    .map(([name, value]) => ` --param ${quoted(`${name}=${value}`)}`)
    .join('');
  const only = program === undefined ? '' : ` --program ${quoted(program)}`;
  return `syslets stress ${quoted(asked)}${given}${only} --config ${configText(config)} --seed ${seed} --time ${seconds}s`;
}

/** For a shell, where that is needed. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
