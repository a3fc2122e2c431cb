// Runs the tests with the one compiled addon under each Node version of test/node-versions:
//   npm run test:nodes [-- 20 22 24 26]

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HOME = join(ROOT, 'test', 'node-versions');
const VERSION_TIMEOUT_MS = 15 * 60_000;

/**
 * One version is enough for what runs compilers, npm, a browser or a shell and little JavaScript of ours in
 * this Node, for what computes and asks Node for nothing (models, merging, checkers), and for what starts
 * a process for each of many scenarios or trees, which takes a minute.
 */
const ELSEWHERE = [
  'test/abi-tools/**',
  'test/addon/addon-file.test.ts',
  'test/bench/command.test.ts',
  'test/cli/completion.test.ts',
  'test/cli/few-files.test.ts',
  'test/cli/man.test.ts',
  'test/cli/tour.test.ts',
  'test/explore/bounded-ladder.test.ts',
  'test/explore/command.test.ts',
  'test/explore/engines.test.ts',
  'test/explore/merge.test.ts',
  'test/explore/model.test.ts',
  'test/explore/model-rules.test.ts',
  'test/explore/too-large.test.ts',
  'test/install.test.ts',
  'test/kernel-explore/**',
  'test/linearizability/run.test.ts',
  'test/memory-model/**',
  'test/package.test.ts',
  'test/package/commands.test.ts',
  'test/package-contents.test.ts',
  'test/package/managers.test.ts',
  'test/package/types.test.ts',
  'test/planted/**',
  'test/report/**',
  'test/stress/docs.test.ts',
  'test/stress/failures.test.ts',
  'test/stress/native-actor.test.ts',
  'test/stress/run.test.ts',
  'test/stress/shipped.test.ts',
  'test/stress/verdicts.test.ts',
  'test/stress/vitest-pools.test.ts',
  'test/trace/command.test.ts',
  'test/walk/command.test.ts',
  'test/walk/random-trees.test.ts',
];

/**
 * Node 22 lies between two versions that run all of the others. It runs what calls the addon, and what
 * Node itself decides: how a package is loaded.
 */
const WITHOUT_ADDON = [
  'test/*.test.ts',
  'test/abi/**',
  'test/bench/!(steps).test.ts',
  'test/c-library/**',
  'test/cli/!(doctor*).test.ts',
  'test/explore/**',
  'test/linearizability/**',
  'test/package/!(exports).test.ts',
  'test/scenario/**',
  'test/scripts/**',
  'test/stress/!(no-addon|pin).test.ts',
];
const LEFT_OUT = { 22: WITHOUT_ADDON };

const versions = Object.keys(
  JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8')).dependencies,
).map((name) => name.replace('node', ''));

function binary(version) {
  return join(HOME, 'node_modules', `node${version}`, 'bin', 'node');
}

function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: 'inherit',
    timeout: VERSION_TIMEOUT_MS,
    env: { ...process.env, ...env },
  });
  if (error) console.error(`${command}: ${error.message}`);
  return status === 0;
}

function install() {
  return (
    versions.every((version) => existsSync(binary(version))) || run('npm', ['ci', '--prefix', HOME])
  );
}

function testUnder(version) {
  console.log(`== tests under Node ${version}`);
  const files = [...ELSEWHERE, ...(LEFT_OUT[version] ?? [])];
  const excluded = files.flatMap((pattern) => ['--exclude', pattern]);
  return run(binary(version), [join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...excluded], {
    SYSLETS_EXPECT_NODE: version,
    SYSLETS_REPORT: `reports/node${version}.json`,
  });
}

if (!install()) process.exit(1);
const wanted = process.argv.length > 2 ? process.argv.slice(2) : versions;
const failed = wanted.filter((version) => !testUnder(version));
if (failed.length > 0) console.error(`failed under Node ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
