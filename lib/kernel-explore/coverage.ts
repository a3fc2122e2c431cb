import type { KernelSearch } from './explorer.ts';

/**
 * What a search may claim, in one line: all executions, all within bounds, or none at all.
 * Values are never rounded up: a search that was cut claims nothing.
 */
export function coverage(search: KernelSearch): string {
  const { complete, cut, states, executions, preemptions, delays, model } = search;
  const seen = `${number(states)} states`;
  if (!complete && states === 0) return `${number(executions)} random executions, no claim`;
  if (!complete) return `stopped by its limit of ${cut || 'one failure'} after ${seen}, no claim`;
  const bounds = [
    ...(preemptions < 0 ? [] : [`${preemptions} preemptions`]),
    ...(delays < 0 || model === 'sc'
      ? []
      : [`${delays} delayed ${delays === 1 ? 'store' : 'stores'}`]),
  ];
  if (bounds.length === 0) return `all executions (${seen})`;
  return `all executions with up to ${bounds.join(' and ')} (${seen})`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
