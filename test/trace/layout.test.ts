import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { placeOf, type Type } from '../../lib/abi/index.ts';
import { hostTarget } from '../../lib/host-target.ts';
import { native } from '../../lib/native.ts';
import {
  KINDS,
  syslet_trace,
  syslet_trace_event,
  syslet_trace_task,
  traceBytes,
  traceLayout,
} from '../../lib/trace/layout.ts';

const structs: Readonly<Record<string, Type>> = {
  syslet_trace,
  syslet_trace_task,
  syslet_trace_event,
};

test.each(Object.keys(structs))('%s lies as the C compiler lays it', (name) => {
  const shape = native().shapes()[name];
  const fields = Object.keys(shape?.fields ?? {});
  const places = fields.map((field) => {
    const { offset, size } = placeOf(structs[name] as Type, hostTarget, field);
    return [field, { offset, size }];
  });
  expect(fields.length).toBeGreaterThan(4);
  expect(Object.fromEntries(places)).toEqual(shape?.fields);
});

test('sizes that docs/trace.md gives', () => {
  const { headerBytes, taskBytes, eventBytes } = traceLayout();
  expect([headerBytes, taskBytes, eventBytes]).toEqual([128, 64, 40]);
  expect(traceBytes(32, 4096)).toBe(128 + 32 * (64 + 40 * 4096));
});

test('docs/trace.md explains each kind of event', () => {
  const text = readFileSync(new URL('../../docs/trace.md', import.meta.url), 'utf8');
  const [, section = ''] = text.split('\n## Events\n');
  const rows = (section.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)` \|/gm);
  expect([...rows].map((row) => row[1])).toEqual([...KINDS]);
});
