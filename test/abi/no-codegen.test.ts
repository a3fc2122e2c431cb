import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { expect, it } from 'vitest';

/** The module as one text, so that a Node with other flags can run it. */
async function bundled(): Promise<string> {
  const entry = fileURLToPath(new URL('../../lib/abi/index.ts', import.meta.url));
  const lib = { entry, formats: ['es'] as 'es'[] };
  const made = await build({
    configFile: false,
    logLevel: 'silent',
    build: { lib, write: false, minify: false },
  });
  const first = Array.isArray(made) ? made[0] : undefined;
  return first?.output[0].code ?? '';
}

const use = `
const S = struct('s', { a: u32, b: bits(u32, 3), inner: struct('in', { x: u64 }), list: array(u16, 2) });
const one = view(S, x86_64, new ArrayBuffer(32));
one.a = 7; one.b = 5; one.inner.x = 9n; one.list[1] = 3;
let error; try { one.a = -1 } catch (caught) { error = caught.message }
const rows = view(array(S, 2), x86_64, new ArrayBuffer(64));
const [row, move] = cursor(rows);
move(1); row.a = 6; row.inner.x = 8n; row.list.set(1, 4);
let refused; try { move(2) } catch (caught) { refused = caught.message }
console.log(JSON.stringify([one.a, one.b, String(one.inner.x), one.list[1], error,
  rows.get(1).a, String(rows.at(-1).inner.x), [...rows[1].list], rows.get(0).a, rows.length, refused]));`;

it('works where code from strings is forbidden', async () => {
  const text = (await bundled()).replace(/export \{[\s\S]*$/, '') + use;
  const flag = '--disallow-code-generation-from-strings';
  const printed = execFileSync(process.execPath, [flag, '--input-type=module', '-e', text]);
  expect(JSON.parse(printed.toString())).toEqual([
    7,
    5,
    '9',
    3,
    's.a: expected an integer from 0 to 4294967295, got -1',
    6,
    '8',
    [0, 4],
    0,
    2,
    'array[2]: it has 2 elements',
  ]);
});
