import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { PackedProject } from './packed.ts';
import { tool, whyNoTools } from './tools.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const project = new PackedProject(['@types/node', 'vitest', 'typescript']);
afterAll(() => project.remove());

const PROGRAM = `
import { constants, Kernel, type SysletCall, SysletsError, sys } from 'syslets';
import { i32, struct, view, x86_64 } from 'syslets/abi';
import { aioRead } from 'syslets/aio';
import { linearizable } from 'syslets/linearizability';
import { acceptable, type Scenario, scenario } from 'syslets/scenario';
import { exploreScenario, type GradedScenario, runScenario, testScenario } from 'syslets/vitest';

const point = struct('point', { x: i32, y: i32 });
export const x: number = view(point, x86_64, new ArrayBuffer(8)).x;
const kernel = Kernel.attach();
export const call: SysletCall = kernel.newCall(39);
export const pid: number = call.run();
export const again: number = constants.AT_FDCWD;
export const made: Scenario = scenario({
  name: 'types', description: 'types', state: { x: i32 }, result: { r: i32 },
  actors: { one(state, result) { result.r = state.x; } },
  outcomes: [acceptable('0', 'nothing else')],
});
testScenario('types', new URL('./x.ts', import.meta.url), { timeMs: 100 });
export const graded: Promise<GradedScenario> = runScenario('./x.ts');
export const others = [aioRead, linearizable, exploreScenario, SysletsError, sys];
// @ts-expect-error a member that is not there
view(point, x86_64, new ArrayBuffer(8)).z;
// @ts-expect-error with exactOptionalPropertyTypes
testScenario('types', './x.ts', { timeMs: undefined });
`;

/** Compiles the program in the project; what the compiler said. */
function compile(options: Readonly<Record<string, unknown>>, tsc = TSC): string {
  project.write('program.ts', PROGRAM);
  const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false };
  const compilerOptions = {
    noEmit: true,
    target: 'es2022',
    types: ['node'],
    ...strict,
    ...options,
  };
  project.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', project.folder], {
    cwd: project.folder,
    encoding: 'utf8',
  });
  return stdout;
}

const WAYS = [
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'esnext', moduleResolution: 'bundler' },
];

test.each(WAYS)('types fit together, as $moduleResolution finds them', (way) => {
  const ours = compile(way)
    .split('\n')
    // the declarations of vitest and Node are not ours to check
    .filter((line) => /^program\.ts|^node_modules\/syslets\//.test(line));
  expect(ours).toEqual([]);
});

/** The oldest TypeScript that the README names. */
test.for(WAYS)('types fit together in TypeScript 5.5, as $moduleResolution', (way, { skip }) => {
  const why = whyNoTools();
  skip(why !== undefined, why);
  const said = compile(way, tool('typescript/bin/tsc')).split('\n');
  expect(said.filter((line) => /^program\.ts|^node_modules\/syslets\//.test(line))).toEqual([]);
});

test.each(WAYS)('and without a check of declarations, as $moduleResolution', (way) => {
  expect(compile({ ...way, skipLibCheck: true })).toBe('');
});

test('a mistake in the program is seen', () => {
  expect(compile({ ...WAYS[0], exactOptionalPropertyTypes: false, skipLibCheck: true })).toContain(
    "Unused '@ts-expect-error' directive",
  );
});
