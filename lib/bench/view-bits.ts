import { type Target, view } from '../abi/index.ts';
import { locals, packet, pair, type ViewCase } from './view-pair.ts';

export function bitCases(target: Target): ViewCase[] {
  const { sink } = locals;
  const buffer = new SharedArrayBuffer(1024);
  const one = view(packet, target, buffer, 64);
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
