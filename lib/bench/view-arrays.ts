import { cursor, type Target, view } from '../abi/index.ts';
import { type Loop, locals, packet, pair, table, type ViewCase } from './view-pair.ts';

const by = 'hand-written typed arrays';

/** Arrays of values, by index and in the loop that one writes. */
export function arrayCases(target: Target): ViewCase[] {
  const { numbers, sink } = locals;
  const buffer = new SharedArrayBuffer(1024);
  const { list } = view(packet, target, buffer, 64);
  const u32s = new Uint32Array(buffer);
  return [
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
    pair(
      'array loop',
      by,
      (count) => {
        for (let round = 0; round < count; round += 64) {
          for (let i = 0; i < list.length; i++) list.set(i, list.get(i) & 255);
        }
      },
      (count) => {
        for (let round = 0; round < count; round += 64) {
          for (let i = 0; i < 64; i++) u32s[26 + i] = (u32s[26 + i] ?? 0) & 255;
        }
      },
    ),
  ];
}

/** Arrays of structs: `[i]` loads a view that is kept; a cursor is one view that moves. */
export function elementCases(target: Target): ViewCase[] {
  const { sink } = locals;
  const buffer = new SharedArrayBuffer(4096);
  const { rows } = view(table, target, buffer);
  const { rows: free } = view(table, target, buffer, 0, { unchecked: true });
  const [row, move] = cursor(rows);
  const words = new Uint32Array(buffer);
  const readByHand: Loop = (count) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += words[(i & 255) * 2 + 1] ?? 0;
    sink.sum += sum;
  };
  return [
    pair(
      'elements of an array of structs',
      by,
      (count) => {
        let sum = 0;
        for (let i = 0; i < count; i++) sum += rows[i & 255]?.second ?? 0;
        sink.sum += sum;
      },
      readByHand,
    ),
    pair(
      'elements of an array of structs, unchecked',
      by,
      (count) => {
        let sum = 0;
        for (let i = 0; i < count; i++) sum += free[i & 255]?.second ?? 0;
        sink.sum += sum;
      },
      readByHand,
    ),
    pair(
      'elements, by get()',
      by,
      (count) => {
        let sum = 0;
        for (let i = 0; i < count; i++) sum += rows.get(i & 255).second;
        sink.sum += sum;
      },
      readByHand,
    ),
    pair(
      'elements, by at()',
      by,
      (count) => {
        let sum = 0;
        for (let i = 0; i < count; i++) sum += rows.at(i & 255)?.second ?? 0;
        sink.sum += sum;
      },
      readByHand,
    ),
    pair(
      'elements, by a cursor',
      by,
      (count) => {
        let sum = 0;
        for (let i = 0; i < count; i++) {
          move(i & 255);
          sum += row.second;
        }
        sink.sum += sum;
      },
      readByHand,
    ),
    pair(
      'elements in a loop, by a cursor',
      by,
      (count) => {
        for (let round = 0; round < count; round += 256) {
          for (let i = 0; i < rows.length; i++) {
            move(i);
            row.second = row.first & 255;
          }
        }
      },
      (count) => {
        for (let round = 0; round < count; round += 256) {
          for (let i = 0; i < 256; i++) words[i * 2 + 1] = (words[i * 2] ?? 0) & 255;
        }
      },
    ),
  ];
}
