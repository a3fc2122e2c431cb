import { expect, test } from 'vitest';
import { classicScript, commonScript } from '../../lib/scenario/index.ts';

const file = (name: string) => new URL(`../stress/fixtures/${name}`, import.meta.url);

test('classic scripts that need each other run in one scope', () => {
  const files = [file('counter.classic.js'), file('needs-counter.classic.js')];
  type Made = new (memory: SharedArrayBuffer) => { up(): void; words: Int32Array };
  const { Twice } = classicScript<{ Twice: Made }>(files, ['Twice']);
  const counter = new Twice(new SharedArrayBuffer(4));
  counter.up();
  expect(counter.words[0]).toBe(2);
});

test('a name that no script defines is refused, with their paths', () => {
  expect(() => classicScript([file('counter.classic.js')], ['Missing'])).toThrow(
    /counter\.classic\.js defines no Missing/,
  );
});

test('a CommonJS file gives its exports, and its main part does not run', () => {
  const { name, run } = commonScript<{ name: string; run(): number }>(file('tool.common.cjs'));
  expect(name).toBe('tool.common.cjs');
  expect([run(), run()]).toEqual([1, 2]);
  expect(commonScript<{ run(): number }>(file('tool.common.cjs')).run()).toBe(1);
});

test('names that a CommonJS file does not export can be had too', () => {
  interface Names {
    twice(value: number): number;
    run(): number;
  }
  const { twice, run } = commonScript<Names>(file('tool.common.cjs'), ['twice', 'run']);
  expect(twice(4)).toBe(8);
  expect(run()).toBe(1);
  expect(() => commonScript(file('tool.common.cjs'), ['nothing'])).toThrow(
    /tool\.common\.cjs defines no nothing; expected nothing/,
  );
});
