import type { TrialConfig } from '../report/result.ts';
import type { Params } from '../scenario/index.ts';
import { configText, structureConfigText } from './config.ts';

export interface Again {
  readonly asked: string;
  readonly params: Params | undefined;
  readonly config: TrialConfig;
  readonly seed: number;
  readonly ms: number;
  readonly isStructure: boolean;
  /** Of a structure: this program and no other. */
  readonly program?: string | undefined;
}

const MIN_SECONDS = 2;

/** The command that makes one trial again: its configuration and its seed. */
export function rerunCommand(again: Again): string {
  const { asked, params, config, isStructure, seed, ms, program } = again;
  const seconds = Math.max(MIN_SECONDS, Math.ceil(ms / 1000));
  const only = program === undefined ? '' : ` --program ${quoted(program)}`;
  const fixed = isStructure ? structureConfigText(config) : configText(config);
  return `syslets stress ${askedText({ asked, params })}${only} --config ${fixed} --seed ${seed} --time ${seconds}s`;
}

/** What a command names one scenario by: its file or name, and the row of its table. */
export function askedText({ asked, params }: Pick<Again, 'asked' | 'params'>): string {
  const given = Object.entries(params ?? {}).map(
    ([name, value]) => ` --param ${quoted(`${name}=${value}`)}`,
  );
  return [quoted(asked), ...given].join('');
}

/** For a shell, where that is needed. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
