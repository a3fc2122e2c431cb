import { describe, expect, it } from 'vitest';
import {
  anonymous,
  array,
  char,
  cpp,
  cursor,
  layout,
  offsetOf,
  placeOf,
  s390x,
  struct,
  type Target,
  type Type,
  u8,
  u32,
  u64,
  variant,
  view,
  when,
  x86_64,
} from '../../lib/abi/index.ts';

interface WasmMemory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): void;
}

/** Node's types do not have it. */
function wasmMemory(options: object): WasmMemory {
  const { WebAssembly: wasm } = globalThis as unknown as {
    WebAssembly: { Memory: new (options: object) => WasmMemory };
  };
  return new wasm.Memory(options);
}

const inner = struct('inner', { x: u32, y: u32 });
const packet = struct('packet', { a: u32, inner, name: array(char, 8), rows: array(inner, 2) });
const nothing = undefined as never;

describe('a buffer that is none', () => {
  it.each([
    [Buffer.alloc(64), 'a view of one (Buffer, 64 bytes): pass its .buffer, and its .byteOffset'],
    [new Uint32Array(4), 'a view of one (Uint32Array, 16 bytes): pass its .buffer'],
    [new DataView(new ArrayBuffer(8)), 'a view of one (DataView, 8 bytes): pass its .buffer'],
    [wasmMemory({ initial: 1 }), 'an object that holds one: pass its .buffer'],
    [undefined, 'undefined'],
    [64, '64'],
    [[1, 2], 'an object'],
  ])('%# says what was expected', (given, got) => {
    const expected = `view(): expected an ArrayBuffer or SharedArrayBuffer, got ${got}`;
    expect(() => view(packet, x86_64, given as never)).toThrow(expected);
    expect(() => view(packet, x86_64, given as never)).toThrow(TypeError);
  });
});

describe('a target that is none', () => {
  const uses: readonly [string, (target: Target) => unknown][] = [
    ['layout()', (target) => layout(struct('s', { a: u8 }), target)],
    ['layout()', (target) => offsetOf(packet, target, 'a')],
    ['layout()', (target) => placeOf(packet, target, 'a')],
    ['view()', (target) => view(packet, target, new ArrayBuffer(64))],
    ['cpp()', (target) => cpp(target)],
  ];
  it.each(uses)('%s names itself, and what was expected', (name, use) => {
    expect(() => use(nothing)).toThrow(`${name}: expected a target, such as x86_64, got undefined`);
    expect(() => use('x86_64' as never)).toThrow(
      `${name}: expected a target, such as x86_64, got the name "x86_64": pass targets.x86_64`,
    );
    expect(() => use('x86_64-apple' as never)).toThrow(
      "pass targets['x86_64-apple'], or import { x86_64_apple }",
    );
    expect(() => use('vax' as never)).toThrow(
      'got the name "vax": there is none of that name (i386',
    );
    expect(() => use(new ArrayBuffer(64) as never)).toThrow(
      'a buffer: the target stands before it',
    );
    expect(() => use({ name: 'x86_64' } as never)).toThrow(TypeError);
  });

  it('shows where a type depends on it', () => {
    const either = variant([when({ longSize: 8 }, u8)], u32);
    expect(() => layout(either, nothing)).toThrow('expected a target');
  });
});

describe('a type that is none', () => {
  it('is named by the member that has it', () => {
    expect(() => layout(nothing, x86_64)).toThrow('expected a type, such as u32 or struct(');
    expect(() => layout('u32' as never, x86_64)).toThrow('got "u32"');
    expect(() => layout(struct('s', { a: nothing }), x86_64)).toThrow(
      "struct s, member 'a': expected a type",
    );
    expect(() => layout(struct('s', { a: array(nothing as Type, 2) }), x86_64)).toThrow(
      "struct s, member 'a': expected a type",
    );
    expect(() => layout(struct('s', { _: anonymous(nothing) }), x86_64)).toThrow('expected a type');
  });
});

describe('a store that no member takes', () => {
  // As JavaScript calls it: the types refuse each of these.
  const made = () => view(packet as Type, x86_64, new ArrayBuffer(64));

  it('names the members where there is none of that name', () => {
    const one = made();
    expect(() => {
      one.b = 1;
    }).toThrow("packet has no member 'b': expected one of a, inner, name, rows");
    expect(() => {
      one.inner.z = 1;
    }).toThrow("inner has no member 'z': expected one of x, y");
    expect(() => {
      one.rows[1].z = 1;
    }).toThrow("inner has no member 'z'");
    const [row] = cursor(one.rows as never) as [{ z: number }, unknown];
    expect(() => {
      row.z = 1;
    }).toThrow("inner has no member 'z'");
    expect(one.b).toBeUndefined();
    expect('b' in one).toBe(false);
  });

  it('says what an array takes', () => {
    const one = made();
    expect(() => {
      one.name = 'abc';
    }).toThrow(
      'packet.name is an array of char: use setText(), or store its elements by set(index, value); got "abc"',
    );
    expect(() => {
      one.rows = [];
    }).toThrow('packet.rows is an array of structs: store its elements');
    expect(() => {
      one.name.lenght = 3;
    }).toThrow("packet.name has no member 'lenght': expected one of [0] to [length - 1]");
    expect(() => {
      one.rows.first = 3;
    }).toThrow("packet.rows has no member 'first'");
    expect(() => {
      one.inner = { x: 1 };
    }).toThrow('packet.inner is a struct: store its members, or use assign(); got an object');
  });

  it('names the element of a wrong value', () => {
    const bytes = struct('bytes', { list: array(u8, 4), wide: array(u64, 2), deep: array(u32, 3) });
    for (const target of [x86_64, s390x]) {
      const one = view(bytes, target, new ArrayBuffer(64)) as unknown as Record<string, object[]>;
      const store = (name: string, index: number, value: unknown) => () => {
        (one[name] as unknown[])[index] = value;
      };
      expect(store('list', 3, 'x')).toThrow('bytes.list[3]: expected a number, got "x"');
      expect(store('list', 0, 300)).toThrow('bytes.list[0]: expected an integer from 0 to 255');
      expect(store('wide', 1, 5)).toThrow('bytes.wide[1]: expected a bigint, got 5');
      expect(store('wide', 1, 2n ** 64n)).toThrow('bytes.wide[1]: expected 0n to');
      expect(store('deep', 2, -1)).toThrow('bytes.deep[2]: expected an integer from 0');
      expect(store('deep', 3, 1)).toThrow('bytes.deep[3]: it has 3 elements');
    }
  });

  it('is none by a symbol', () => {
    const one = made();
    const mark = Symbol('mark');
    for (const each of [one, one.inner, one.name, one.rows, one.rows[0], cursor(one.rows)[0]]) {
      expect(() => {
        each[mark] = 7;
      }).toThrow("has no member 'Symbol(mark)': expected one of ");
      expect(each[mark]).toBeUndefined();
    }
  });
});

describe('a view where a value was meant', () => {
  const one = view(packet, x86_64, new ArrayBuffer(64));
  it.each([
    [
      () => `${one.name}`,
      'packet.name is an array of char, not one value: expected one of its ele',
    ],
    [() => `${one.inner}`, 'inner is a struct, not one value: expected one of its members'],
    [() => Number(one.rows), 'packet.rows is an array of structs, not one value'],
    [() => `a ${String(one)}`, 'packet is a struct, not one value'],
  ])('%# says so', (use, message) => {
    expect(use).toThrow(message);
    expect(use).toThrow(TypeError);
  });
});
