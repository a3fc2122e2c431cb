import { chmodSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endlessPatterns } from '../../lib/report/check-patterns.ts';
import { checkRun, ShapeError } from '../../lib/report/check-result.ts';
import { readResult } from '../../lib/report/read-result.ts';
import { ResultFileError } from '../../lib/report/result-error.ts';
import { run, scenario, trial } from './data.ts';
import { temporaryFolder, writer } from './files.ts';
import { randomRun } from './random.ts';

const FOLDER = temporaryFolder();
const write = writer(FOLDER);
const TEXT = JSON.stringify(run());

test('what was written is read', () => {
  fc.assert(
    fc.property(randomRun, (one) => {
      expect(readResult(write('one.json', JSON.stringify(one)))).toEqual(one);
    }),
    { numRuns: 30 },
  );
});

const AGAIN = 'copy it again, or run `syslets stress` again';
const GIVE = 'give the files that `syslets stress` wrote';

test.each<[string, string, string]>([
  ['empty', '', `is empty; ${AGAIN}`],
  ['blank', ' \n', `is empty; ${AGAIN}`],
  ['text', 'hello', `is no JSON; ${GIVE}`],
  ['binary', '\x7fELF\x00\x01', `is no JSON; ${GIVE}`],
  [
    'list',
    '[]',
    "is not a result of `syslets stress`: its format is undefined, expected 'syslets-stress'",
  ],
  [
    'null',
    'null',
    "is not a result of `syslets stress`: its format is undefined, expected 'syslets-stress'",
  ],
  [
    'other',
    '{"format":"junit"}',
    "is not a result of `syslets stress`: its format is 'junit', expected",
  ],
  ['trace', '{"format":"syslets-trace","version":1}', 'is a trace, no result of a stress run'],
  [
    'newer',
    JSON.stringify({ ...run(), version: 3, tool: '9.0.0' }),
    'is of another version, written by syslets 9.0.0: its version is 3, expected 2; report it with that version of syslets, or a newer one',
  ],
  [
    'older',
    JSON.stringify({ ...run(), version: 0 }),
    'is of another version, written by syslets 0.1.0: its version is 0, expected 2; run `syslets stress` of this version again',
  ],
  ['comma', TEXT.replace('"seed":7', '"seed":7,,'), 'is damaged: '],
])('%s file: which, what is wrong, what to do', (name, text, message) => {
  const file = write(`${name}.json`, text);
  expect(() => readResult(file)).toThrow(ResultFileError);
  expect(() => readResult(file)).toThrow(`${file} ${message}`);
});

test('a file that ends anywhere in its data is called truncated', () => {
  fc.assert(
    fc.property(fc.integer({ min: 60, max: TEXT.length - 1 }), (length) => {
      const file = write('cut.json', TEXT.slice(0, length));
      expect(() => readResult(file)).toThrow(
        `${file} is truncated: it ends after ${length} bytes in the middle of the data; ${AGAIN}`,
      );
    }),
  );
});

test('a path that holds no file', () => {
  const missing = join(FOLDER, 'missing.json');
  expect(() => readResult(missing)).toThrow(`${missing} is not there; ${GIVE}`);
  expect(() => readResult('')).toThrow(`'' is not there; ${GIVE}`);
  expect(() => readResult(FOLDER)).toThrow(`${FOLDER} is a directory; ${GIVE}: DIRECTORY/*.json`);
});

test('a file that is longer than the engine can hold', () => {
  const file = write('long.json', '');
  truncateSync(file, 2 ** 33);
  expect(() => readResult(file)).toThrow(
    `${file} is longer than 512 MB; make several shorter runs (--shard, --time) and give all their files`,
  );
  truncateSync(file, 0);
});

test('a file that may not be read', (context) => {
  context.skip(process.getuid?.() === 0, 'root may read everything');
  const file = write('closed.json', TEXT);
  chmodSync(file, 0);
  expect(() => readResult(file)).toThrow('may not be read by this user');
});

test.each<[string, unknown, string]>([
  ['seed', { ...run(), seed: '7' }, "seed is '7', expected an integer"],
  ['machine', { ...run(), machine: 3 }, 'machine is 3, expected an object'],
  ['scenarios', { ...run(), scenarios: {} }, 'scenarios is {}, expected an array'],
  ['name', run({ scenarios: [{ ...scenario(), name: 1 } as never] }), 'scenarios[0].name is 1'],
  [
    'expect',
    run({
      scenarios: [
        scenario({ outcomes: [{ match: { exact: 'a' }, expect: 'fine' as never, reason: '' }] }),
      ],
    }),
    "scenarios[0].outcomes[0].expect is 'fine', expected one of 'acceptable', 'interesting', 'forbidden'",
  ],
  [
    'pattern',
    run({
      scenarios: [
        scenario({
          outcomes: [{ match: { pattern: '(', flags: '' }, expect: 'forbidden', reason: '' }],
        }),
      ],
    }),
    'scenarios[0].outcomes[0].match is no regular expression',
  ],
  [
    'count',
    run({
      scenarios: [scenario({ trials: [trial(), trial({ samples: 1, counts: { '0, 0': -1 } })] })],
    }),
    'scenarios[0].trials[1].counts["0, 0"] is -1, expected an integer from 0',
  ],
  [
    'end',
    run({ scenarios: [scenario({ trials: [trial({ end: 'lost' as never })] })] }),
    "trials[0].end is 'lost'",
  ],
  [
    'samples',
    run({ scenarios: [scenario({ trials: [trial({ samples: 0.5 })] })] }),
    'trials[0].samples is 0.5',
  ],
])('a member that is not what the format says is named: %s', (_name, value, message) => {
  expect(() => checkRun(JSON.parse(JSON.stringify(value)))).toThrow(ShapeError);
  expect(() => checkRun(JSON.parse(JSON.stringify(value)))).toThrow(message);
});

test('a run without any one of its members is refused', () => {
  const { shard, ...needed } = run();
  expect(shard).toBeNull();
  for (const name of Object.keys(needed)) {
    expect(() => checkRun({ ...run(), [name]: undefined }), name).toThrow(/expected/);
  }
});

test('a pattern that would not come to an end is refused, by file and scenario', () => {
  const match = { pattern: '^(a+)+$', flags: '' };
  const outcome = `${'a'.repeat(50)}b`;
  const endless = scenario({
    name: 'endless',
    outcomes: [{ match, expect: 'acceptable', reason: 'r' }],
    trials: [trial({ samples: 1, counts: { [outcome]: 1 } })],
  });
  const file = write('endless.json', JSON.stringify(run({ scenarios: [scenario(), endless] })));
  expect(() => readResult(file)).toThrow(
    /endless\.json has patterns in the table of "endless" that need more than 2 s/,
  );
});

test('all scenarios of a file share the time for its patterns', () => {
  const match = { pattern: '^(a+)+$', flags: '' };
  const endless = (name: string) =>
    scenario({
      name,
      outcomes: [{ match, expect: 'acceptable', reason: 'r' }],
      trials: [trial({ samples: 1, counts: { [`${'a'.repeat(50)}b`]: 1 } })],
    });
  const all = Array.from({ length: 1000 }, (_, i) => endless(`s${i}`));
  expect(endlessPatterns(run({ scenarios: all }), 20)).toBe('s0');
  // with time enough for a machine that is busy
  expect(endlessPatterns(run({ scenarios: [scenario()] }))).toBeUndefined();
});
