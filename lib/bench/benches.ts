import type { Bench } from './bench.ts';
import { completion } from './completion.ts';
import { handOff } from './hand-off.ts';
import { importBench } from './import.ts';
import { reap } from './reap.ts';
import { syncPath } from './sync-path.ts';
import { viewBench } from './view.ts';

export const benches: readonly Bench[] = [
  syncPath,
  handOff,
  completion,
  reap,
  viewBench,
  importBench,
];
