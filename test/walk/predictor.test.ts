import { expect, test } from 'vitest';
import { Predictor } from '../../lib/walk/predictor.ts';

test('one call that blocks among many is handed over, and changes nothing', () => {
  const predictor = new Predictor();
  for (let i = 0; i < 10; i++) {
    predictor.blocked();
    expect(predictor.dispatches).toBe(false);
    predictor.ran(64);
  }
});

test('two of sixteen make it dispatch', () => {
  const predictor = new Predictor();
  predictor.blocked();
  predictor.blocked();
  expect(predictor.dispatches).toBe(true);
});

test('one of sixteen is a probe, and probes that do not block end it', () => {
  const predictor = new Predictor();
  for (let i = 0; i < 100; i++) predictor.blocked();
  const probes = Array.from({ length: 160 }, () => predictor.shouldProbe()).filter(Boolean);
  expect(probes).toHaveLength(10);
  for (let i = 0; i < 3; i++) predictor.probeRan();
  expect(predictor.dispatches).toBe(true);
  predictor.probeRan();
  expect(predictor.dispatches).toBe(false);
});
