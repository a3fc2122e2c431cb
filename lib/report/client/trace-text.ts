import { lengthText, momentText } from './time-text.ts';
import type { Choice, Model } from './trace-model.ts';

/** What is said of a call or a hand-off, in the tip and below the timeline. */
export function choiceText(model: Model, choice: Choice): string {
  return choice.kind === 'call' ? callText(model, choice.index) : moveText(model, choice.index);
}

function callText(model: Model, index: number): string {
  const [lane, from, to, name, end, dispatched, blocked, handedOff, result] = model.call(index);
  const { names } = model.data;
  const parts = [
    `${names[name]} on ${laneText(model, lane)}`,
    `${momentText(from, 1)} + ${lengthText(to - from)}${end === 'open' ? ' and longer' : ''}`,
    dispatched ? 'dispatched: this thread does not carry the context' : '',
    blocked < 0 ? '' : `seen to block after ${lengthText(blocked - from)}`,
    handedOff < 0 ? '' : `handed over after ${lengthText(handedOff - from)}`,
    ENDS[end],
    result === null ? '' : `result ${resultText(model, result)}`,
  ];
  return joined(parts);
}

const ENDS = {
  inline: 'returned on its carrier',
  completed: 'completed into the ring',
  open: 'not over when the trace ended',
  unknown: 'its end was not recorded',
} as const;

function resultText(model: Model, result: number): string {
  const error = model.data.errors[String(result)];
  return error === undefined ? String(result) : `-${error} (${result})`;
}

function moveText(model: Model, index: number): string {
  const row = model.data.moves[index];
  if (!row) return '';
  const [context, from, to, left, arrived, call] = row;
  const name = call < 0 ? '' : ` in ${model.data.names[model.call(call)[3]]}`;
  return joined([
    `hand-off ${index + 1} of ${model.data.moves.length}: context ${contextName(model, context)}`,
    `from ${laneText(model, from)}${name} to ${laneText(model, to)}`,
    `left at ${momentText(left, 1)}, went on ${lengthText(arrived - left)} later`,
  ]);
}

export function contextName(model: Model, id: number): string {
  return model.data.contexts.find((one) => one.id === id)?.name ?? String(id);
}

export function laneText(model: Model, lane: number): string {
  const { name, tid } = model.data.lanes[lane] ?? { name: '?', tid: 0 };
  return `${name} (thread ${tid})`;
}

/** The first part is the title, the others follow on a second line. */
function joined(parts: readonly string[]): string {
  const [title = '', ...rest] = parts.filter((part) => part !== '');
  return `${title}\n${rest.join(' · ')}`;
}
