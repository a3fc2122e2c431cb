import { type Target, view } from '../abi/index.ts';
import { type Loop, locals, packet, pair, type ViewCase } from './view-pair.ts';

export function alignedCases(target: Target): ViewCase[] {
  const { bigNumbers, numbers, sink } = locals;
  const buffer = new SharedArrayBuffer(1024);
  const one = view(packet, target, buffer, 64);
  const free = view(packet, target, buffer, 64, { unchecked: true });
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
        for (let i = 0; i < count; i++) one.stamp = bigNumbers[i & 63] ?? 0n;
      },
      (count) => {
        for (let i = 0; i < count; i++) u64s[11] = bigNumbers[i & 63] ?? 0n;
      },
    ),
    pair(
      'aligned write u64, against a check by hand',
      'the same checks, written by hand',
      (count) => {
        for (let i = 0; i < count; i++) one.stamp = bigNumbers[i & 63] ?? 0n;
      },
      (count) => {
        for (let i = 0; i < count; i++) {
          const value = bigNumbers[i & 63] ?? 0n;
          if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value) throw unfit(value);
          u64s[11] = value;
        }
      },
    ),
    pair(
      'aligned write, unchecked',
      by,
      (count) => {
        for (let i = 0; i < count; i++) {
          const value = numbers[i & 63] ?? 0;
          free.kind = value;
          free.port = value;
          free.count = value;
          free.delta = value;
          free.ratio = value;
        }
      },
      writeByHand,
    ),
    pair(
      'aligned write u64, unchecked',
      by,
      (count) => {
        for (let i = 0; i < count; i++) free.stamp = bigNumbers[i & 63] ?? 0n;
      },
      (count) => {
        for (let i = 0; i < count; i++) u64s[11] = bigNumbers[i & 63] ?? 0n;
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
  ];
}

function unfit(value: unknown): RangeError {
  return new RangeError(`packet.stamp: ${String(value)}`);
}
