import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { echoWithoutDescriptors } from '../../lib/bench/live-echo.ts';

const SERVER = fileURLToPath(new URL('../../dist/bench/live-echo-server.js', import.meta.url));

test('a server that was out of descriptors serves again, and its timers run', async () => {
  const { ticks, refused, messages, answered } = await echoWithoutDescriptors(SERVER);
  expect(refused).toBeGreaterThan(0);
  expect(answered).toBe(messages);
  expect(ticks).toBeGreaterThan(0);
});
