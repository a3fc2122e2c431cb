// The tarball in fresh projects of three package managers, on a machine without a compiler.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { whyNotFetched } from '../fetched.ts';
import { PackedProject } from './packed.ts';

const MANAGERS = fileURLToPath(new URL('./managers', import.meta.url));
const LIMIT_MS = 120_000;
const project = new PackedProject();
afterAll(() => project.remove());

/** With the addon in it, as a release has it. */
const NAME = execFileSync(
  'npm',
  ['pack', '--ignore-scripts', '--silent', '--pack-destination', project.folder],
  { cwd: project.package, encoding: 'utf8' },
).trim();
const TARBALL = join(project.folder, NAME);

const ENV = {
  ...process.env,
  CC: '/nonexistent/cc',
  CXX: '/nonexistent/c++',
  YARN_CACHE_FOLDER: join(project.folder, 'yarn-cache'),
  npm_config_store_dir: join(project.folder, 'pnpm-store'),
};

function run(cwd: string, command: string, ...args: readonly string[]) {
  const options = { cwd, env: ENV, encoding: 'utf8', timeout: LIMIT_MS } as const;
  const { status, stdout, stderr } = spawnSync(command, args, options);
  return { status, output: `${stdout}${stderr}` };
}

const own = (name: string) => join(MANAGERS, 'node_modules/.bin', name);
const WAYS = [
  { name: 'npm', add: ['npm', 'install', '--no-audit'], rebuild: ['npm', 'rebuild'] },
  { name: 'pnpm', add: [own('pnpm'), 'add'], rebuild: [own('pnpm'), 'rebuild'] },
  { name: 'yarn', add: [own('yarn'), 'add'], rebuild: [own('yarn'), 'install', '--force'] },
];

test.for(WAYS)(
  '$name installs it and makes it again, and it works',
  ({ name, add, rebuild }, { skip }) => {
    const why = name === 'npm' ? undefined : whyNotFetched(MANAGERS, 'pnpm and yarn');
    skip(why !== undefined, why);
    const folder = join(project.folder, name);
    mkdirSync(folder);
    const pnpm = { onlyBuiltDependencies: ['syslets'] };
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'own', private: true, pnpm }),
    );
    for (const [command = '', ...args] of [[...add, TARBALL], rebuild]) {
      const { status, output } = run(folder, command, ...args);
      expect({ status, output }).toMatchObject({ status: 0 });
    }
    const doctor = run(folder, join(folder, 'node_modules/.bin/syslets'), 'doctor', '--json');
    const { machine } = JSON.parse(doctor.output) as { machine: { addon: string } };
    expect(machine.addon).toBe(`loaded, prebuilt for ${process.platform}-${process.arch}-glibc`);
    // nothing was compiled, and nothing was said to be missing
    expect(readdirSync(join(folder, 'node_modules/syslets'))).not.toContain('build');
  },
);
