import type { AtomicField, WaitAsync } from '../abi/index.ts';
import { compile } from './compile.ts';
import { indexSource, namesOf, type Spot, slowConversion, slowIndex } from './plain-field.ts';

/** The library's types end before it. */
interface HasWaitAsync {
  waitAsync(array: WaitArray, index: number, value: number, timeoutMs?: number): WaitAsync;
}

type WaitArray = Int32Array<SharedArrayBuffer>;
type Op = 'add' | 'sub' | 'and' | 'or' | 'xor' | 'exchange';

const OPS: readonly Op[] = ['add', 'sub', 'and', 'or', 'xor', 'exchange'];

/** Sequentially consistent access to a field of the state that the thread is at. */
export function atomicField(spot: Spot): AtomicField<unknown> {
  const waiting = waitSource(spot);
  const { atomics: native = Atomics } = spot;
  const names = { ...namesOf(spot), W: waiting.array, noWait: noWaitFor(spot), Atomics: native };
  const made = compile(atomicSource(spot, waiting.value), names);
  return (made as AtomicField<unknown> | undefined) ?? slowField(spot, waiting.array);
}

function atomicSource(spot: Spot, waitValue: string): string {
  const { unfit, toRaw, fromRaw } = spot.source;
  const at = indexSource(spot);
  const check = `if (${unfit}) bad(v);`;
  const value = toRaw('v');
  const ops = OPS.map(
    (op) => `${op}(v) { ${check} return ${fromRaw(`Atomics.${op}(A, ${at}, ${value})`)}; },`,
  );
  return `{
    load() { return ${fromRaw(`Atomics.load(A, ${at})`)}; },
    store(v) { ${check} Atomics.store(A, ${at}, ${value}); return v; },
    ${ops.join('\n    ')}
    compareExchange(expected, v) {
      ${check}
      const raw = ${value};
      v = expected;
      ${check}
      return ${fromRaw(`Atomics.compareExchange(A, ${at}, ${value}, raw)`)};
    },
    wait(v, timeoutMs) { ${check} if (!W) noWait(); return Atomics.wait(W, ${at}, ${waitValue}, timeoutMs); },
    waitAsync(v, timeoutMs) { ${check} if (!W) noWait(); return Atomics.waitAsync(W, ${at}, ${waitValue}, timeoutMs); },
    notify(count) { if (!W) noWait(); return Atomics.notify(W, ${at}, count); },
  }`;
}

/** The signed array over the same bytes, the only kind that can be waited on. */
function waitSource({ arrays, source }: Spot) {
  const raw = source.toRaw('v');
  if (source.shift === 2) return { array: arrays.i32 as WaitArray, value: `${raw} | 0` };
  if (source.shift < 2) return { array: undefined, value: raw };
  return { array: arrays.i64 as unknown as WaitArray, value: `BigInt.asIntN(64, ${raw})` };
}

function noWaitFor(spot: Spot): () => never {
  return () => {
    const bytes = 1 << spot.source.shift;
    throw new TypeError(`${spot.name}: wait and notify need 4 or 8 bytes, it has ${bytes}`);
  };
}

/** Without generated code. */
function slowField(spot: Spot, waited: WaitArray | undefined): AtomicField<unknown> {
  const { atomics: native = Atomics } = spot;
  const array = spot.arrays[spot.source.array] as Int32Array;
  const { checked, fromRaw } = slowConversion(spot);
  const at = slowIndex(spot);
  const noWait = noWaitFor(spot);
  const run = (op: Op) => (value: unknown) =>
    fromRaw(native[op](array, at(), checked(value) as number));
  const signed = (value: unknown) => {
    const raw = checked(value);
    return (typeof raw === 'bigint' ? BigInt.asIntN(64, raw) : (raw as number) | 0) as number;
  };
  const waitable = () => waited ?? noWait();
  return {
    load: () => fromRaw(native.load(array, at())),
    store(value) {
      native.store(array, at(), checked(value) as number);
      return value;
    },
    ...(Object.fromEntries(OPS.map((op) => [op, run(op)])) as Record<Op, ReturnType<typeof run>>),
    compareExchange: (expected, value) =>
      fromRaw(
        native.compareExchange(array, at(), checked(expected) as number, checked(value) as number),
      ),
    wait: (value, timeoutMs) => native.wait(waitable(), at(), signed(value), timeoutMs),
    waitAsync: (value, timeoutMs) =>
      (native as unknown as HasWaitAsync).waitAsync(waitable(), at(), signed(value), timeoutMs),
    notify: (count) => native.notify(waitable(), at(), count),
  };
}
