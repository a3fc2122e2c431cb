import { listedProgram } from './listed.ts';
import { run } from './run.ts';

export function startHelp(): Promise<void> {
  return run(listedProgram);
}
