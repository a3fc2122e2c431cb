import { type Target, view } from '../abi/index.ts';
import { locals, packet, pair, type ViewCase } from './view-pair.ts';

/** DataView is what one writes by hand where the place or the byte order is not the machine's. */
export function dataViewCases(name: string, target: Target, at: number): ViewCase[] {
  const { bigNumbers, sink } = locals;
  const buffer = new SharedArrayBuffer(1024);
  const one = view(packet, target, buffer, at);
  const dv = new DataView(buffer, at);
  const order = target.byteOrder === 'little';
  const by = 'hand-written DataView';
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
          one.stamp = bigNumbers[i & 63] ?? 0n;
          sink.big = one.stamp;
        }
      },
      (count) => {
        for (let i = 0; i < count; i++) {
          dv.setBigUint64(24, bigNumbers[i & 63] ?? 0n, order);
          sink.big = dv.getBigUint64(24, order);
        }
      },
    ),
  ];
}
