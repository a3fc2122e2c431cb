import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = `${ROOT}build/examples`;
const TIMEOUT_MS = 60_000;

/** An example as JavaScript, in the package, so that it finds `syslets` as a user's program does. */
function compiled(name: string): string {
  const source = readFileSync(`${ROOT}examples/${name}.ts`, 'utf8');
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  const { outputText } = ts.transpileModule(source, { compilerOptions });
  const file = `${FOLDER}/${name}.mjs`;
  mkdirSync(FOLDER, { recursive: true });
  // the same tests may run under another Node beside this one
  writeFileSync(`${file}.${process.pid}`, outputText);
  renameSync(`${file}.${process.pid}`, file);
  return file;
}

/** Runs an example to its end. */
export function runExample(name: string, ...args: string[]) {
  return run([compiled(name), ...args]);
}

/** Runs it while V8 takes samples as quickly as it can: each is a signal to the thread. */
export function runProfiled(name: string, ...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'syslets-profiled-'));
  try {
    const flags = ['--cpu-prof', '--cpu-prof-interval=100', `--cpu-prof-dir=${folder}`];
    return run([...flags, compiled(name), ...args]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(args: readonly string[]) {
  const options = { cwd: ROOT, encoding: 'utf8', timeout: TIMEOUT_MS } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
  return { status, stdout, stderr };
}

/** Starts one that goes on until it is told to stop. */
export function startExample(name: string, ...args: string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [compiled(name), ...args], { cwd: ROOT, timeout: TIMEOUT_MS });
}
