import { inspect } from 'node:util';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  anonymous,
  array,
  bits,
  bool,
  bytes,
  char,
  cursor,
  double,
  enumeration,
  flexible,
  s390x,
  setText,
  struct,
  text,
  toObject,
  u8,
  u16,
  u32,
  u64,
  union,
  view,
  x86_64,
} from '../../lib/abi/index.ts';

const state = enumeration('state', { IDLE: 0, BUSY: 1 });
const point = struct('point', { x: u16, y: u16 });
const record = struct('record', {
  id: u64,
  state,
  flags: bits(u32, 3),
  mode: bits(state, 2),
  ok: bool,
  name: array(char, 8),
  at: point,
  path: array(point, 2),
  _: anonymous(union('', { word: u32, low: u8 })),
  ratio: double,
});

function filled() {
  const made = view(record, x86_64, new SharedArrayBuffer(256), 8);
  made.id = 2n ** 60n;
  made.state = 1;
  made.flags = 5;
  made.mode = 3;
  made.ok = true;
  setText(made.name, 'bob');
  made.at.x = 7;
  made.path.get(1).y = 9;
  made.word = 258;
  made.ratio = 0.5;
  return made;
}

const values = {
  id: 2n ** 60n,
  state: 1,
  flags: 5,
  mode: 3,
  ok: true,
  name: [98, 111, 98, 0, 0, 0, 0, 0],
  at: { x: 7, y: 0 },
  path: [
    { x: 0, y: 0 },
    { x: 0, y: 9 },
  ],
  word: 258,
  low: 2,
  ratio: 0.5,
};

describe('toObject', () => {
  it('copies members and values', () => {
    const made = filled();
    const plain = toObject(made);
    expect(plain).toEqual(values);
    expectTypeOf(plain.id).toEqualTypeOf<bigint>();
    expectTypeOf(plain.path).toEqualTypeOf<{ x: number; y: number }[]>();
    made.at.x = 8;
    expect(plain.at.x).toBe(7);
    expect(toObject(made.path)).toEqual(values.path);
    expect(toObject(made.name)).toEqual(values.name);
  });

  it('names enumerators, shows text and writes bigints as strings on request', () => {
    const readable = { ...values, id: String(2n ** 60n), state: 'BUSY', name: 'bob' };
    const options = { bigints: 'string', enums: 'name', chars: 'text' } as const;
    expect(toObject(filled(), options)).toEqual(readable);
  });

  it('takes a member called __proto__ for one', () => {
    const odd = struct('odd', { ['__proto__']: u8, constructor: u8 });
    const plain = toObject(view(odd, x86_64, new Uint8Array([3, 4]).buffer));
    expect(Object.entries(plain)).toEqual([
      ['__proto__', 3],
      ['constructor', 4],
    ]);
  });

  it('says what it takes', () => {
    expect(() => toObject({})).toThrow('toObject(): expected a view, got an object');
    expect(() => toObject(undefined as never)).toThrow('got undefined');
  });
});

describe('JSON.stringify', () => {
  it('shows members, names and text', () => {
    const big = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value);
    const made = filled();
    expect(JSON.parse(JSON.stringify(made, big))).toEqual({
      ...values,
      id: String(2n ** 60n),
      state: 'BUSY',
      name: 'bob',
    });
    expect(JSON.stringify({ at: made.at, path: made.path })).toBe(
      '{"at":{"x":7,"y":0},"path":[{"x":0,"y":0},{"x":0,"y":9}]}',
    );
    const [row, move] = cursor(made.path);
    move(1);
    expect(JSON.stringify(row)).toBe('{"x":0,"y":9}');
  });

  it('shows members of a type in which one is called toJSON', () => {
    const odd = struct('odd', { toJSON: u8, state, ['__proto__']: u8, name: array(char, 4) });
    const outer = struct('outer', { own: odd, list: array(odd, 2), toJSON: point });
    const made = view(outer, x86_64, new ArrayBuffer(64));
    made.own.toJSON = 5;
    made.own.state = 1;
    made.list.get(1).toJSON = 7;
    setText(made.list.get(1).name, 'abc');
    made.toJSON.y = 3;
    const one = (toJSON: number, name: string, given: number) =>
      `{"toJSON":${toJSON},"state":${given},"__proto__":0,"name":"${name}"}`;
    expect(JSON.stringify(made.own)).toBe(one(5, '', 1));
    expect(JSON.stringify({ list: made.list.get(1) })).toBe(`{"list":${one(7, 'abc', 0)}}`);
    const [row, move] = cursor(made.list);
    move(1);
    expect(JSON.stringify(row)).toBe(one(7, 'abc', 0));
    const { own, list, toJSON } = JSON.parse(JSON.stringify(made));
    expect([own.toJSON, list[1].name, toJSON]).toEqual([5, 'abc', { x: 0, y: 3 }]);
    expect(() => Object.assign(made.own, { no: 1 })).toThrow("has no member 'no'");
  });
});

describe('util.inspect', () => {
  it('shows members and values, and no memory', () => {
    const shown = inspect(filled(), { breakLength: 1000 });
    expect(shown).toBe(
      "record { id: 1152921504606846976n, state: 'BUSY', flags: 5, mode: 3, ok: true, name: 'bob', " +
        'at: { x: 7, y: 0 }, path: [ { x: 0, y: 0 }, { x: 0, y: 9 } ], word: 258, low: 2, ratio: 0.5 }',
    );
    expect(inspect({ a: { b: { c: filled() } } })).toContain('[record]');
    expect(inspect(filled().path)).toBe('record.path [ { x: 0, y: 0 }, { x: 0, y: 9 } ]');
  });

  it('cuts long tails as it cuts arrays', () => {
    const tail = view(struct('t', { n: u8, tail: flexible(u8) }), x86_64, new ArrayBuffer(1000));
    const shown = inspect(tail, { maxArrayLength: 2 });
    expect(shown).toBe('t { n: 0, tail: [ 0, 0, ... 997 more items ] }');
  });

  it('says that the buffer has gone', () => {
    const buffer = new ArrayBuffer(8);
    const made = view(point, x86_64, buffer);
    structuredClone(buffer, { transfer: [buffer] });
    expect(inspect([made])).toContain('point <point.x: its buffer was detached');
  });
});

describe('text in arrays of char', () => {
  const holder = struct('holder', { before: u8, name: array(char, 6), after: u8 });
  const made = view(holder, s390x, new SharedArrayBuffer(16));

  it('ends at the first NUL, or at the end', () => {
    setText(made.name, 'abcde');
    expect(text(made.name)).toBe('abcde');
    setText(made.name, 'ab');
    expect([...bytes(made.name)]).toEqual([97, 98, 0, 0, 0, 0]);
    setText(made.name, 'abcdef', { terminated: false });
    expect(text(made.name)).toBe('abcdef');
    expect([made.before, made.after]).toEqual([0, 0]);
  });

  it('is UTF-8 or Latin-1', () => {
    setText(made.name, 'äö');
    expect([text(made.name), bytes(made.name).indexOf(0)]).toEqual(['äö', 4]);
    setText(made.name, 'äöüÿ\x85', { encoding: 'latin1' });
    expect(text(made.name, 'latin1')).toBe('äöüÿ\x85');
    expect(text(made.name)).toContain('\ufffd');
    setText(made.name, '\ufeffa');
    expect(text(made.name)).toBe('\ufeffa');
  });

  it('refuses what does not fit, and stores nothing of it', () => {
    setText(made.name, 'old');
    const refused = (value: unknown, options = {}) => {
      return () => setText(made.name, value as string, options);
    };
    expect(refused('abcdef')).toThrow(
      'holder.name: expected text of at most 5 bytes and a NUL, got 6 bytes',
    );
    expect(refused('abcdefg', { terminated: false })).toThrow('at most 6 bytes, got 7 bytes');
    expect(refused('äöü')).toThrow(RangeError);
    expect(refused('a\0b')).toThrow('utf-8 text cannot hold "\\u0000"');
    expect(refused('\ud800')).toThrow('cannot hold');
    expect(refused('€', { encoding: 'latin1' })).toThrow('latin1 text cannot hold "€"');
    expect(refused(7)).toThrow('holder.name: expected a string, got 7');
    expect(refused('a', { encoding: 'ascii' })).toThrow("expected 'utf-8' or 'latin1'");
    expect(() => text(made)).toThrow('text(): expected a view of an array of char, got holder');
    expect(text(made.name)).toBe('old');
  });

  it('moves with a cursor', () => {
    const rows = view(array(holder, 2), x86_64, new ArrayBuffer(16));
    const [row, move] = cursor(rows);
    setText(move(1).name, 'two');
    expect([text(row.name), text(rows.get(1).name), text(rows.get(0).name)]).toEqual([
      'two',
      'two',
      '',
    ]);
  });
});

describe('bytes', () => {
  it('are the memory of a view or of a member', () => {
    const buffer = new ArrayBuffer(64);
    const made = view(record, x86_64, buffer, 0);
    made.at.y = 0x0102;
    expect(bytes(made).length).toBe(48);
    expect([...bytes(made.at)]).toEqual([0, 0, 2, 1]);
    bytes(made, 'at.x')[0] = 9;
    expect([made.at.x, bytes(made, 'id').length]).toEqual([9, 8]);
    expect(() => bytes(made, 'flags')).toThrow('record.flags: a bit-field has no bytes of its own');
    expect(() => bytes(made, 'nope')).toThrow("there is no 'nope'");
  });
});
