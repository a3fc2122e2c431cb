import { availableParallelism, cpus, release, totalmem } from 'node:os';
import type { MachineFacts } from '../report/result.ts';
import { allowedCpus } from './pin.ts';

/** What a reader of results must know of the machine. */
export function machineFacts(): MachineFacts {
  return {
    node: process.version,
    v8: process.versions.v8,
    platform: process.platform,
    arch: process.arch,
    release: release(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: allowedCpus()?.length ?? availableParallelism(),
    memoryBytes: totalmem(),
  };
}
