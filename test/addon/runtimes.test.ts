import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const PACKAGE = fileURLToPath(new URL('../../dist/index.js', import.meta.url));

/** What the first call and attach say in a process of its own, and whether that ends well. */
function firstCall(before: string, flags: readonly string[] = []) {
  const source = `
    ${before}
    const { Kernel, sys } = await import(${JSON.stringify(PACKAGE)});
    const { layout, struct, u32, x86_64 } = await import(${JSON.stringify(PACKAGE.replace('index.js', 'abi/index.js'))});
    const said = [];
    for (const use of [() => sys.call('getpid'), () => (sys.detach(), Kernel.attach().gettid())]) {
      try {
        said.push(use() === process.pid);
      } catch ({ code, message }) {
        said.push(code + ' ' + message);
      }
    }
    said.push(layout(struct('s', { a: u32 }), x86_64).size);
    console.log(JSON.stringify(said));
  `;
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, '--input-type=module', '-e', source],
    { encoding: 'utf8' },
  );
  expect([status, signal], stderr).toEqual([0, null]);
  return JSON.parse(stdout) as [unknown, unknown, number];
}

describe('a runtime that is not Node is refused with the reason, and nothing is loaded', () => {
  test.each([
    ['bun', /^ERR_SYSLETS_NO_ADDON .*this is Bun 9\.9, whose values are no V8 handles.*Node\.js/],
    ['deno', /^ERR_SYSLETS_NO_ADDON .*this is Deno 9\.9, which has no libuv.*Node\.js/],
  ])('%s', (name, text) => {
    const versions = `Object.defineProperty(process, 'versions', { value: { ...process.versions, ${name}: '9.9' } });`;
    const [call, attach, size] = firstCall(versions);
    expect(call).toMatch(text);
    expect(attach).toBe(call);
    expect(call).not.toContain('npm rebuild');
    expect(size).toBe(4);
  });
});

describe("Node's permission model", () => {
  const known = process.allowedNodeEnvironmentFlags;
  const flag = known.has('--permission') ? '--permission' : '--experimental-permission';

  test('without --allow-addons nothing is attached, and the error says what allows it', () => {
    const [call, attach] = firstCall('', [flag, '--allow-fs-read=*']);
    expect(call).toMatch(
      /^ERR_SYSLETS_NO_ADDON .*Node runs with --permission, which does not allow addons.*--allow-addons/,
    );
    expect(attach).toBe(call);
  });

  test('with it calls are made', () => {
    const said = firstCall('', [flag, '--allow-fs-read=*', '--allow-addons']);
    expect(said.slice(0, 2)).toEqual([true, true]);
  });
});
