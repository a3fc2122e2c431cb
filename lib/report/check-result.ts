import { expected } from '../check.ts';
import { RESULT_FORMAT, RESULT_VERSION, type RunResult } from './result.ts';

/** A member that is not what the format says. The message names it by its path. */
export class ShapeError extends Error {}

type Check = (value: unknown, path: string) => void;

/** A file of another format or version is not looked at any further. */
export class HeaderError extends Error {
  readonly isOurs: boolean;

  constructor(message: string, isOurs: boolean) {
    super(message);
    this.isOurs = isOurs;
  }
}

/** Throws unless `value` is a run as the format says, down to each count. */
export function checkRun(value: unknown): RunResult {
  const { format, version } = Object(value) as Record<string, unknown>;
  if (format !== RESULT_FORMAT) {
    throw new HeaderError(expected('its format', format, `'${RESULT_FORMAT}'`), false);
  }
  if (version !== RESULT_VERSION) {
    throw new HeaderError(expected('its version', version, `${RESULT_VERSION}`), true);
  }
  run(value, '');
  return value as RunResult;
}

const text: Check = (value, path) => {
  if (typeof value !== 'string') fail(path, value, 'a string');
};

const amount: Check = (value, path) => {
  if (typeof value !== 'number' || !(value >= 0 && value < Number.POSITIVE_INFINITY)) {
    fail(path, value, 'a number from 0');
  }
};

const count: Check = (value, path) => {
  if (!Number.isSafeInteger(value) || (value as number) < 0) fail(path, value, 'an integer from 0');
};

const integer: Check = (value, path) => {
  if (!Number.isSafeInteger(value)) fail(path, value, 'an integer');
};

const counts: Check = (value, path) => {
  const object = objectAt(value, path);
  for (const name in object) {
    // the path is made for a mistake only: this loop sees every count of every trial
    if (isCount(object[name])) continue;
    count(object[name], `${path}[${JSON.stringify(name)}]`);
  }
};

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function choice(...values: readonly string[]): Check {
  const list = values.map((one) => `'${one}'`).join(', ');
  return (value, path) => {
    if (!values.includes(value as string)) fail(path, value, `one of ${list}`);
  };
}

function list(check: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) fail(path, value, 'an array');
    for (const [index, one] of (value as unknown[]).entries()) check(one, `${path}[${index}]`);
  };
}

function optional(check: Check): Check {
  return (value, path) => {
    if (value !== undefined && value !== null) check(value, path);
  };
}

function record(members: Readonly<Record<string, Check>>): Check {
  const entries = Object.entries(members);
  return (value, path) => {
    const object = objectAt(value, path);
    for (const [name, check] of entries)
      check(object[name], path === '' ? name : `${path}.${name}`);
  };
}

const match: Check = (value, path) => {
  const given = objectAt(value, path);
  if (given.exact !== undefined) return text(given.exact, `${path}.exact`);
  text(given.pattern, `${path}.pattern`);
  text(given.flags, `${path}.flags`);
  try {
    new RegExp(given.pattern as string, given.flags as string);
  } catch (error) {
    throw new ShapeError(`${path} is no regular expression: ${(error as Error).message}`);
  }
};

const witness: Check = (value, path) => {
  if (typeof value !== 'boolean') list(text)(value, path);
};

const firstSeen = record({ ms: amount, samples: count });

const sightings: Check = (value, path) => {
  for (const [name, one] of Object.entries(objectAt(value, path))) {
    firstSeen(one, `${path}[${JSON.stringify(name)}]`);
  }
};

const rule = record({
  match,
  expect: choice('acceptable', 'interesting', 'forbidden'),
  reason: text,
  model: optional(choice('allowed', 'forbidden')),
  witness: optional(witness),
});

const config = record({
  placement: choice('spread', 'one', 'free'),
  stride: count,
  sync: count,
  order: choice('sequential', 'shuffled'),
  jit: choice('warm', 'cold'),
  padding: choice('packed', 'lines'),
});

const detail = record({
  message: text,
  actor: optional(text),
  iteration: optional(count),
  stack: optional(text),
  signal: optional(text),
  exitCode: optional(integer),
  stderr: optional(text),
});

const history = record({
  condition: text,
  program: text,
  original: text,
  threads: list(list(record({ call: text, result: text, begin: count, end: optional(count) }))),
  why: optional(text),
  orders: list(
    record({ calls: list(text), next: list(record({ call: text, seen: text, model: text })) }),
  ),
  misfits: count,
  of: count,
  ms: amount,
});

const trial = record({
  config,
  seed: integer,
  samples: count,
  programs: optional(count),
  ms: amount,
  counts,
  end: choice('ok', 'hung', 'died', 'threw', 'cut'),
  detail: optional(detail),
  history: optional(history),
  command: text,
  notes: list(text),
  again: optional(record({ runs: count, shown: count, ms: amount, tookMs: amount })),
});

const scenario = record({
  name: text,
  file: text,
  source: text,
  description: text,
  actors: list(text),
  registers: list(text),
  outcomes: list(rule),
  minSamples: optional(count),
  minPrograms: optional(count),
  trials: list(trial),
  seen: optional(sightings),
  skipped: optional(text),
  notBegun: optional(record({ startMs: amount, enoughMs: amount })),
});

const machine = record({
  node: text,
  v8: text,
  platform: text,
  arch: text,
  release: text,
  cpu: text,
  cpus: count,
  memoryBytes: amount,
});

const run = record({
  tool: text,
  seed: integer,
  shard: optional(record({ index: count, count })),
  started: text,
  ms: amount,
  machine,
  notes: list(text),
  scenarios: list(scenario),
  ended: optional(choice('interrupted', 'forbidden', 'time')),
});

function objectAt(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    fail(path, value, 'an object');
  }
  return value as Record<string, unknown>;
}

function fail(path: string, value: unknown, what: string): never {
  throw new ShapeError(expected(path === '' ? 'the whole' : path, value, what));
}
