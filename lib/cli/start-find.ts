import { bare, strict } from './bare.ts';
import { findCommand } from './find.ts';
import { run } from './run.ts';

export function startFind(): Promise<void> {
  return run(() => strict(bare().addCommand(findCommand())));
}
