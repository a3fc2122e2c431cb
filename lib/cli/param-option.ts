/** `--param`, of every command that takes scenarios. */
export const PARAM_HELP = 'of a table of parameters, only this value; repeatable';

/** An option that may be given more than once. */
export function more(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
