import type { Found } from '../stress/index.ts';
import { colors } from './output.ts';
import { NOTHING_IN_PART } from './shard.ts';

/** Names and descriptions, for --list. */
export function listScenarios(found: readonly Found[]): void {
  if (found.length === 0) process.stdout.write(NOTHING_IN_PART);
  const width = Math.max(...found.map(({ name }) => name.length));
  for (const { name, scenario } of found) {
    process.stdout.write(
      `${colors.bold(name.padEnd(width))}  ${scenario.definition.description}\n`,
    );
  }
}
