import { describe, expect, it } from 'vitest';
import {
  aligned,
  anonymous,
  array,
  atomic,
  bits,
  bool,
  double,
  flexible,
  float,
  i386,
  int,
  long,
  longdouble,
  m68k,
  ppc64,
  s390x,
  struct,
  syslet_call,
  syslet_ring,
  type Target,
  targets,
  u8,
  u16,
  u32,
  u64,
  u128,
  union,
  unnamedBits,
  view,
  x86_64,
} from '../../lib/abi/index.ts';

const mixed = struct('mixed', {
  tag: u8,
  count: u32,
  big: u64,
  flags: bits(u32, 3),
  sign: bits(int, 5),
  _pad: unnamedBits(u32, 2),
  wide: bits(u64, 40),
  ok: bool,
  ratio: float,
  exact: double,
  size: long,
  data: array(u16, 3),
  _either: anonymous(union('', { word: u32, half: array(u16, 2) })),
});

const all = Object.values(targets) as Target[];

describe('view', () => {
  it.each(all.map((target) => ({ target, name: target.name })))(
    'reads what it wrote on $name, aligned and not',
    ({ target }) => {
      const buffer = new SharedArrayBuffer(256);
      for (const at of [0, 16, 1, 6]) {
        const one = view(mixed, target, buffer, at);
        const values = {
          tag: 255,
          count: 0xfedcba98,
          big: 0xfedcba9876543210n,
          flags: 5,
          sign: -13,
          wide: 0xa987654321n,
          ok: true,
          ratio: -0.5,
          exact: Math.PI,
          size: -3n,
          word: 0x12345678,
        };
        Object.assign(one, values);
        one.data[2] = 77;
        expect(one.data.toArray()).toEqual([0, 0, 77]);
        one.data.set(2, 0);
        for (const [key, value] of Object.entries(values)) {
          expect([key, one[key as 'tag']]).toEqual([key, value]);
        }
        expect(one.half.get(0)).toBe(target.byteOrder === 'big' ? 0x1234 : 0x5678);
        new Uint8Array(buffer).fill(0);
      }
    },
  );

  it('reads a ring in shared memory, with elements up to the end that it is given', () => {
    const memory = new SharedArrayBuffer(4096);
    const ring = view(syslet_ring, x86_64, memory, 64, { byteLength: 16 + 16 * 8 });
    expect(ring.comp.length).toBe(8);
    const third = ring.comp[3];
    if (third) third.status = 7n;
    expect(new BigUint64Array(memory)[(64 + 16 + 48) / 8]).toBe(7n);
    expect(ring.comp[3]).toBe(third);
    expect(() => ring.comp[8]).toThrow(new RangeError('syslet_ring.comp[8]: it has 8 elements'));
  });

  it('makes nested views once', () => {
    const call = view(syslet_call, x86_64, new ArrayBuffer(128));
    call.params.syslet.frame.ip = 0x1234n;
    expect(call.params.syslet.frame).toBe(call.params.syslet.frame);
    expect(call.params.file_flags.flags).toBe(0);
    expect(call.regs.rax).toBe(0n);
  });

  it('names the field of a wrong value', () => {
    const ring = view(syslet_ring, x86_64, new ArrayBuffer(64));
    const loose = ring as unknown as Record<string, unknown>;
    const setting = (value: unknown) => () => {
      loose.kernel_head = value;
    };
    const range = 'syslet_ring.kernel_head: expected an integer from 0 to 4294967295, got ';
    for (const value of [-1, 2 ** 32, 1.5, Number.NaN]) {
      expect(setting(value)).toThrow(new RangeError(`${range}${value}`));
    }
    const wrong = 'syslet_ring.kernel_head: expected a number, got ';
    expect(setting('5')).toThrow(new TypeError(`${wrong}"5"`));
    expect(setting(5n)).toThrow(new TypeError(`${wrong}5n`));
    expect(setting(undefined)).toThrow(new TypeError(`${wrong}undefined`));
    const first = ring.comp[0];
    expect(() => {
      if (first) first.status = 2n ** 64n;
    }).toThrow(
      new RangeError(
        'syslet_completion.status: expected 0n to 18446744073709551615n, got 18446744073709551616n',
      ),
    );
  });

  it('refuses a type that does not fit into the buffer', () => {
    expect(() => view(syslet_call, x86_64, new ArrayBuffer(127))).toThrow(
      new RangeError('syslet_call takes 128 bytes at offset 0, but there are 127 (buffer of 127)'),
    );
    expect(() => view(syslet_call, x86_64, new ArrayBuffer(256), 129)).toThrow(RangeError);
    expect(() => view(syslet_call, x86_64, new ArrayBuffer(256), -8)).toThrow(RangeError);
    expect(() => view(syslet_call, x86_64, new ArrayBuffer(256), 0.5)).toThrow(RangeError);
  });

  it.each([0, 1])('says that the buffer was detached or shrank (offset %i)', (at) => {
    const buffer = new ArrayBuffer(64);
    const one = view(mixed, i386, buffer, at);
    structuredClone(buffer, { transfer: [buffer] });
    const gone = /^mixed\.count: its buffer was detached or has shrunk \(to 0 bytes\)/;
    expect(() => one.count).toThrow(gone);
    expect(() => {
      one.count = 1;
    }).toThrow(gone);
    expect(() => one.wide).toThrow(RangeError);
    expect(() => {
      one.wide = 1n;
    }).toThrow(RangeError);
    expect(() => one.data[1]).toThrow(RangeError);
  });

  it('says so for a resizable buffer that shrank', () => {
    type Resizable = ArrayBuffer & { resize(bytes: number): void };
    const Make = ArrayBuffer as unknown as new (bytes: number, o: object) => Resizable;
    const buffer = new Make(64, { maxByteLength: 64 });
    const one = view(mixed, ppc64, buffer);
    one.exact = 2;
    buffer.resize(8);
    expect(() => one.exact).toThrow('mixed.exact: its buffer was detached or has shrunk');
  });

  it('reads and writes long double and __int128', () => {
    const wide = struct('wide', { value: longdouble, huge: u128 });
    for (const target of [x86_64, s390x]) {
      const one = view(wide, target, new ArrayBuffer(64));
      for (const value of [
        0,
        -0,
        1,
        -1.5,
        Math.PI,
        5e-324,
        1.7976931348623157e308,
        -Infinity,
        NaN,
      ]) {
        one.value = value;
        expect(one.value).toBe(value);
      }
      one.huge = 2n ** 128n - 2n;
      expect(one.huge).toBe(2n ** 128n - 2n);
      expect(() => {
        one.huge = -1n;
      }).toThrow('wide.huge: expected 0n to 340282366920938463463374607431768211455n, got -1n');
    }
    const old = view(struct('old', { value: longdouble }), m68k, new ArrayBuffer(12));
    old.value = -1.5;
    expect(old.value).toBe(-1.5);
  });

  it('has members whose names mean something in JavaScript', () => {
    const hostile = struct('hostile', {
      constructor: u8,
      toString: u8,
      ['__proto__']: u8,
      length: u8,
      get: array(u8, 2),
    });
    const one = view(hostile, x86_64, new ArrayBuffer(8));
    one.constructor = 1;
    one.toString = 2;
    Reflect.set(one, '__proto__', 3);
    one.get.set(1, 4);
    expect([one.constructor, one.toString, one.get[1]]).toEqual([1, 2, 4]);
    expect(Reflect.get(one, '__proto__')).toBe(3);
  });

  it('allocates nothing for an access', () => {
    const call = view(syslet_call, x86_64, new SharedArrayBuffer(4096));
    const ring = view(syslet_ring, x86_64, new SharedArrayBuffer(4096));
    const head = atomic(ring, 'kernel_head');
    const { data } = view(mixed, x86_64, new SharedArrayBuffer(256));
    let sum = 0;
    const use = (count: number) => {
      for (let i = 0; i < count; i++) {
        call.params.file_flags.flags = i & 255;
        // Kept small: a large number in a closure's variable is an allocation of its own.
        sum = (call.params.file_flags.flags + (head.add(1) & 7) + data.get(i % 3)) | 0;
        data.set(i % 3, i & 255);
        if (ring.comp[i % 10] === undefined) sum = 0;
      }
    };
    use(50_000);
    gc?.();
    const before = process.memoryUsage().heapUsed;
    use(200_000);
    const perAccess = (process.memoryUsage().heapUsed - before) / (6 * 200_000);
    expect(sum).toBeGreaterThan(0);
    expect(perAccess).toBeLessThan(1);
  });

  it('reads bit-fields that lie in nine bytes, and flexible tails', () => {
    const packed = struct('packed', { a: bits(u8, 3), b: bits(u64, 63) }, { packed: true });
    const one = view(packed, x86_64, new ArrayBuffer(9));
    one.a = 5;
    one.b = 2n ** 63n - 1n;
    expect([one.a, one.b]).toEqual([5, 2n ** 63n - 1n]);
    const list = view(flexibleList, x86_64, new ArrayBuffer(20));
    expect(list.items.length).toBe(4);
  });
});

const flexibleList = struct('list', { n: aligned(4, u16), items: flexible(u32) });
