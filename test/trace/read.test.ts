import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TRACE_MAGIC, traceBytes, traceLayout } from '../../lib/trace/layout.ts';
import { readTrace } from '../../lib/trace/read.ts';

/** A trace of one task, of which `written` events are said to have been written. */
function traceOf(events: number, written: bigint): Uint8Array {
  const { header, headerBytes, task } = traceLayout();
  const bytes = new Uint8Array(traceBytes(1, events));
  const view = new DataView(bytes.buffer);
  view.setBigUint64(header.magic, TRACE_MAGIC, true);
  view.setUint32(header.tasks, 1, true);
  view.setUint32(header.events, events, true);
  view.setUint32(header.used, 1, true);
  view.setUint32(headerBytes + task.tid, 7, true);
  view.setBigUint64(headerBytes + task.written, written, true);
  return bytes;
}

const any = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n),
);

test('whatever a file says was written, reading it ends, with what it has room for', () => {
  fc.assert(
    fc.property(fc.constantFrom(0, 1, 4, 64), any, (events, written) => {
      const { tasks } = readTrace(traceOf(events, written));
      const most = written < BigInt(events) ? Number(written) : events;
      expect(tasks.map((one) => one.events.length)).toEqual([most]);
    }),
  );
});
