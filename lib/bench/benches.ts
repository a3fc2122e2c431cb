import type { Bench } from './bench.ts';
import { completion } from './completion.ts';
import { handOff } from './hand-off.ts';
import { reap } from './reap.ts';
import { syncPath } from './sync-path.ts';

export const benches: readonly Bench[] = [syncPath, handOff, completion, reap];
