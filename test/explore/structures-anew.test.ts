// A search that takes long is left anywhere, and begins anew.
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { explore } from '../../lib/explore/index.ts';
import { discover } from '../../lib/stress/index.ts';

let isLeft = false;
const loaded = vi.hoisted(() => ({ realms: 0 }));

vi.mock(import('../../lib/explore/realm/limited.ts'), async (original) => {
  const { TogetherTooLong, ...rest } = await original();
  const left = <T>(code: () => T): T => {
    // without the limit, which a busy machine may come to
    const result = code();
    if (isLeft) throw new TogetherTooLong();
    return result;
  };
  return { ...rest, TogetherTooLong, limitedTogether: left };
});

vi.mock(import('../../lib/explore/realm/scenario-actor.ts'), async (original) => {
  const { RealmScenario: Original, ...rest } = await original();
  class Counted extends Original {
    constructor(...args: ConstructorParameters<typeof Original>) {
      super(...args);
      loaded.realms += 1;
    }
  }
  return { ...rest, RealmScenario: Counted };
});

async function explored() {
  const name = '../linearizability/fixtures/two-consumers.linear.ts';
  const found = await discover([fileURLToPath(new URL(name, import.meta.url))]);
  loaded.realms = 0;
  const result = explore(found, {
    tool: '',
    machines: ['sc'],
    search: { kind: 'all' },
    seed: 1,
    timeMs: undefined,
    maxStates: 1_000_000,
    program: 'push(0) | pop() | pop()',
  });
  return { scenario: result.scenarios[0], realms: loaded.realms };
}

test('with realms of its own, and finds the same', async () => {
  isLeft = false;
  const first = await explored();
  isLeft = true;
  const anew = await explored();
  expect(anew.scenario).toEqual(first.scenario);
  expect(anew.scenario?.failure?.history?.program).toBe('push(0) | pop() | pop()');
  expect(first.realms).toBe(3);
  expect(anew.realms).toBeGreaterThan(first.realms);
});
