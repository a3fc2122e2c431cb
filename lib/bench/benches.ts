import { addressBench } from './address.ts';
import { aioBench } from './aio.ts';
import type { Bench } from './bench.ts';
import { cBench } from './c.ts';
import { completion } from './completion.ts';
import { exploreBench } from './explore.ts';
import { find } from './find.ts';
import { handOff } from './hand-off.ts';
import { idleBench } from './idle.ts';
import { importBench } from './import.ts';
import { linearizabilityBench } from './linearizability.ts';
import { live } from './live.ts';
import { loopBench } from './loop.ts';
import { outstanding } from './outstanding.ts';
import { reap } from './reap.ts';
import { reportBench } from './report.ts';
import { serve } from './serve.ts';
import { soak } from './soak.ts';
import { startBench } from './start.ts';
import { startInstall } from './start-install.ts';
import { steps } from './steps.ts';
import { stressBench } from './stress.ts';
import { stressFirst } from './stress-first.ts';
import { stressRate } from './stress-rate.ts';
import { stressTime } from './stress-time.ts';
import { syncPath } from './sync-path.ts';
import { viewBench, viewElements, viewOrder, viewUnaligned } from './view.ts';
import { waits } from './waits.ts';

export const benches: readonly Bench[] = [
  syncPath,
  cBench,
  addressBench,
  handOff,
  steps,
  idleBench,
  completion,
  reap,
  outstanding,
  live,
  loopBench,
  find,
  aioBench,
  waits,
  serve,
  soak,
  viewBench,
  viewElements,
  viewUnaligned,
  viewOrder,
  importBench,
  stressBench,
  stressFirst,
  stressRate,
  stressTime,
  exploreBench,
  linearizabilityBench,
  reportBench,
  startBench,
  startInstall,
];
