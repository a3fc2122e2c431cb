import {
  array,
  bits,
  double,
  i32,
  ppc64,
  s390x,
  struct,
  type Target,
  u8,
  u16,
  u32,
  u64,
  view,
  x86_64,
} from '../abi/index.ts';
import type { Bench, CaseResult } from './bench.ts';
import { interleave, timed } from './interleave.ts';
import { compared } from './result.ts';

const inner = struct('inner', { first: u32, second: u32 });
const packet = struct('packet', {
  kind: u8,
  port: u16,
  count: u32,
  delta: i32,
  low: bits(u32, 5),
  middle: bits(u32, 11),
  high: bits(u32, 16),
  ratio: double,
  stamp: u64,
  nested: inner,
  list: array(u32, 64),
});
const table = struct('table', { rows: array(inner, 256) });

/** What is written: plain numbers that the compiler knows nothing of. */
const numbers = Array.from({ length: 64 }, (_, i) => i * 4);

const REPEATS = 20_000;
const ROUNDS = { rounds: 60, warmUp: 60 };
const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
/** The two byte orders, seen from this machine. */
const [native, foreign]: readonly [Target, Target] = little ? [x86_64, ppc64] : [s390x, x86_64];

/** Results go here, so that no loop can be left out. */
const sink = { sum: 0, big: 0n };

type Loop = (count: number) => void;

function pair(name: string, baseline: string, ours: Loop, byHand: Loop): () => CaseResult {
  return () => {
    const samples = interleave(
      () => timed(REPEATS, ours),
      () => timed(REPEATS, byHand),
      ROUNDS,
    );
    return compared({ case: name, unit: 'ns', baseline }, samples);
  };
}

function alignedCases(): (() => CaseResult)[] {
  const buffer = new SharedArrayBuffer(1024);
  const one = view(packet, native, buffer, 64);
  const [u8s, u16s] = [new Uint8Array(buffer), new Uint16Array(buffer)];
  const [u32s, i32s] = [new Uint32Array(buffer), new Int32Array(buffer)];
  const [f64s, u64s] = [new Float64Array(buffer), new BigUint64Array(buffer)];
  const by = 'hand-written typed arrays';
  const readNumbers: Loop = (count) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += one.kind + one.port + one.count + one.delta + one.ratio;
    sink.sum += sum;
  };
  const readByHand: Loop = (count) => {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      sum += (u8s[64] ?? 0) + (u16s[33] ?? 0) + (u32s[17] ?? 0) + (i32s[18] ?? 0) + (f64s[10] ?? 0);
    }
    sink.sum += sum;
  };
  const writeNumbers: Loop = (count) => {
    for (let i = 0; i < count; i++) {
      const value = numbers[i & 63] ?? 0;
      one.kind = value;
      one.port = value;
      one.count = value;
      one.delta = value;
      one.ratio = value;
    }
  };
  const writeByHand: Loop = (count) => {
    for (let i = 0; i < count; i++) {
      const value = numbers[i & 63] ?? 0;
      u8s[64] = value;
      u16s[33] = value;
      u32s[17] = value;
      i32s[18] = value;
      f64s[10] = value;
    }
  };
  const values = Array.from({ length: 64 }, (_, i) => BigInt(i) << 40n);
  const { list } = one;
  return [
    pair('aligned read', by, readNumbers, readByHand),
    pair('aligned write', by, writeNumbers, writeByHand),
    pair(
      'aligned read u64',
      by,
      (count) => {
        for (let i = 0; i < count; i++) sink.big = one.stamp;
      },
      (count) => {
        for (let i = 0; i < count; i++) sink.big = u64s[11] ?? 0n;
      },
    ),
    pair(
      'aligned write u64',
      by,
      (count) => {
        for (let i = 0; i < count; i++) one.stamp = values[i & 63] ?? 0n;
      },
      (count) => {
        for (let i = 0; i < count; i++) u64s[11] = values[i & 63] ?? 0n;
      },
    ),
    pair(
      'nested read',
      by,
      (count) => {
        let sum = 0;
        for (let i = 0; i < count; i++) sum += one.nested.first + one.nested.second;
        sink.sum += sum;
      },
      (count) => {
        let sum = 0;
        for (let i = 0; i < count; i++) sum += (u32s[24] ?? 0) + (u32s[25] ?? 0);
        sink.sum += sum;
      },
    ),
    pair(
      'array get',
      by,
      (count) => {
        let sum = 0;
        for (let i = 0; i < count; i++) sum += list.get(i & 63);
        sink.sum += sum;
      },
      (count) => {
        let sum = 0;
        for (let i = 0; i < count; i++) sum += u32s[26 + (i & 63)] ?? 0;
        sink.sum += sum;
      },
    ),
    pair(
      'array set',
      by,
      (count) => {
        for (let i = 0; i < count; i++) list.set(i & 63, numbers[i & 63] ?? 0);
      },
      (count) => {
        for (let i = 0; i < count; i++) u32s[26 + (i & 63)] = numbers[i & 63] ?? 0;
      },
    ),
  ];
}

function elementCase(): () => CaseResult {
  const buffer = new SharedArrayBuffer(4096);
  const { rows } = view(table, native, buffer);
  const words = new Uint32Array(buffer);
  return pair(
    'elements of an array of structs',
    'hand-written typed arrays',
    (count) => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += rows[i & 255]?.second ?? 0;
      sink.sum += sum;
    },
    (count) => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += words[(i & 255) * 2 + 1] ?? 0;
      sink.sum += sum;
    },
  );
}

function bitCases(): (() => CaseResult)[] {
  const buffer = new SharedArrayBuffer(1024);
  const one = view(packet, native, buffer, 64);
  const halves = new Uint16Array(buffer);
  const bytes = new Uint8Array(buffer);
  const words = new Uint32Array(buffer);
  const by = 'hand-written shifts and masks';
  return [
    pair(
      'bit-fields read',
      by,
      (count) => {
        let sum = 0;
        for (let i = 0; i < count; i++) sum += one.low + one.middle + one.high;
        sink.sum += sum;
      },
      (count) => {
        let sum = 0;
        for (let i = 0; i < count; i++) {
          const word = words[19] ?? 0;
          sum += (word & 31) + ((word >>> 5) & 2047) + (word >>> 16);
        }
        sink.sum += sum;
      },
    ),
    pair(
      'bit-fields write',
      by,
      (count) => {
        for (let i = 0; i < count; i++) {
          one.low = i & 31;
          one.middle = i & 2047;
          one.high = i & 65535;
        }
      },
      (count) => {
        for (let i = 0; i < count; i++) {
          bytes[76] = ((bytes[76] ?? 0) & ~31) | (i & 31);
          halves[38] = ((halves[38] ?? 0) & 31) | ((i & 2047) << 5);
          halves[39] = i & 65535;
        }
      },
    ),
  ];
}

/** DataView is what one writes by hand where the place or the byte order is not the machine's. */
function dataViewCases(name: string, target: Target, at: number): (() => CaseResult)[] {
  const buffer = new SharedArrayBuffer(1024);
  const one = view(packet, target, buffer, at);
  const dv = new DataView(buffer, at);
  const order = target.byteOrder === 'little';
  const by = 'hand-written DataView';
  const values = Array.from({ length: 64 }, (_, i) => BigInt(i) << 40n);
  return [
    pair(
      `${name} read`,
      by,
      (count) => {
        let sum = 0;
        for (let i = 0; i < count; i++) sum += one.port + one.count + one.delta + one.ratio;
        sink.sum += sum;
      },
      (count) => {
        let sum = 0;
        for (let i = 0; i < count; i++) {
          sum += dv.getUint16(2, order) + dv.getUint32(4, order);
          sum += dv.getInt32(8, order) + dv.getFloat64(16, order);
        }
        sink.sum += sum;
      },
    ),
    pair(
      `${name} write`,
      by,
      (count) => {
        for (let i = 0; i < count; i++) {
          one.port = i & 65535;
          one.count = i;
          one.delta = i - 7;
          one.ratio = i;
        }
      },
      (count) => {
        for (let i = 0; i < count; i++) {
          dv.setUint16(2, i & 65535, order);
          dv.setUint32(4, i, order);
          dv.setInt32(8, i - 7, order);
          dv.setFloat64(16, i, order);
        }
      },
    ),
    pair(
      `${name} u64`,
      by,
      (count) => {
        for (let i = 0; i < count; i++) {
          one.stamp = values[i & 63] ?? 0n;
          sink.big = one.stamp;
        }
      },
      (count) => {
        for (let i = 0; i < count; i++) {
          dv.setBigUint64(24, values[i & 63] ?? 0n, order);
          sink.big = dv.getBigUint64(24, order);
        }
      },
    ),
  ];
}

export const viewBench: Bench = {
  name: 'view',
  description: 'fields of typed views beside hand-written typed-array and DataView code',
  cases: [
    ...alignedCases(),
    elementCase(),
    ...bitCases(),
    ...dataViewCases('unaligned', native, 65),
    ...dataViewCases('other byte order', foreign, 64),
  ],
};
