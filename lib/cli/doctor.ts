import { native, whyNoNative } from '../native.ts';
import { type Facts, type OutputOptions, printFacts } from './output.ts';

export function doctor(options: OutputOptions): void {
  printFacts(gather(), options);
}

function gather(): Facts {
  const reason = whyNoNative();
  const common = { node: process.versions.node, platform: process.platform, arch: process.arch };
  return reason === undefined
    ? { ...common, addon: 'loaded', thread: native().gettid() }
    : { ...common, addon: `not available: ${reason}`, thread: null };
}
