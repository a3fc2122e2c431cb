// Compiles libsyslets, programs that test it and the addon, from the sources and a folder of
// changed files that comes before them. An object is kept by what went into it, so that a planted
// bug costs one or a few files.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { findNodeDir } from '../headers.mjs';
import { ROOT } from './mutation.mjs';

const OBJECTS = join(ROOT, 'build/planted/objects');
const JOBS = 2;

// As binding.gyp and native/CMakeLists.txt have them.
const COMMON = ['-O2', '-g', '-fPIC', '-fvisibility=hidden', '-Wall', '-Wno-unused'];
const TASK = ['-std=c11', '-fno-stack-protector', '-fcf-protection=none'];
const KERNEL = ['-ffreestanding', '-fno-builtin', '-mgeneral-regs-only'];
const KERNEL_SIDE = ['kernel_sources', 'arch_x86_64_sources', 'host_sources', 'watch_sources'];

const lists = JSON.parse(readFileSync(join(ROOT, 'native/sources.gypi'), 'utf8')).variables;

/** Runs a command to its end. */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} failed:\n${output}`)),
    );
  });
}

/** A build: an overlay of changed files, and the macros that it is compiled with. */
export class Build {
  #overlay;
  #defines;
  #headers;

  constructor(overlay, defines = []) {
    this.#overlay = overlay;
    this.#defines = defines.map((name) => `-D${name}`);
    this.#headers = this.#headerHash();
  }

  /** A program of test/, linked with libsyslets. */
  async program(path, output) {
    const tests = ['test/native', 'test/native/syslets', 'test/planted/finders'];
    const include = [...this.#includes(), ...tests.map((folder) => `-I${join(ROOT, folder)}`)];
    const object = await this.#object(
      path,
      'cc',
      [...COMMON, '-std=c11', '-D_GNU_SOURCE'],
      include,
    );
    await run('cc', ['-o', output, object, ...(await this.#library()), '-lpthread']);
    return output;
  }

  /** The addon. */
  async addon(output) {
    const nodeDir = findNodeDir();
    if (!nodeDir) throw new Error("node's headers are not beside it: a planted addon needs them");
    const api = createRequire(import.meta.url)('node-addon-api').include_dir;
    const include = [...this.#includes(), `-I${nodeDir}/include/node`, `-I${api}`];
    const defines = [
      '-D_GNU_SOURCE',
      '-DNAPI_VERSION=9',
      '-DNAPI_DISABLE_CPP_EXCEPTIONS',
      '-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
    ];
    const objects = await this.#each(lists.addon_sources, (path) =>
      path.endsWith('.cc')
        ? this.#object(
            path,
            'c++',
            [...COMMON, '-std=c++17', '-fno-exceptions', ...defines],
            include,
          )
        : this.#object(path, 'cc', [...COMMON, ...TASK.slice(0, 2), ...defines], include),
    );
    const link = ['-shared', '-Wl,-z,now', '-Wl,-z,noexecstack', '-o', output];
    await run('c++', [...link, ...objects, ...(await this.#library())]);
    return output;
  }

  async #library() {
    const kernel = KERNEL_SIDE.flatMap((list) => lists[list]);
    const include = this.#includes();
    const objects = await this.#each(kernel, (path) =>
      this.#object(path, 'cc', [...COMMON, ...TASK, ...KERNEL, ...this.#defines], include),
    );
    const user = await this.#each(lists.user_sources, (path) =>
      this.#object(path, 'cc', [...COMMON, ...TASK, '-D_GNU_SOURCE', ...this.#defines], include),
    );
    return [...objects, ...user];
  }

  /** `compile` of each path, two at a time; the results in order. */
  async #each(paths, compile) {
    const results = new Array(paths.length);
    let next = 0;
    const work = async () => {
      for (let i = next++; i < paths.length; i = next++) results[i] = await compile(paths[i]);
    };
    await Promise.all(Array.from({ length: JOBS }, work));
    return results;
  }

  async #object(path, compiler, flags, include) {
    const source = this.#find(path);
    const made = createHash('sha256')
      .update(JSON.stringify([path, compiler, flags, this.#defines, this.#headers]))
      .update(readFileSync(source))
      .digest('hex');
    const object = join(OBJECTS, `${made}.o`);
    if (existsSync(object)) return object;
    mkdirSync(OBJECTS, { recursive: true });
    const part = `${object}.${process.pid}`;
    await run(compiler, [...flags, ...this.#defines, ...include, '-c', source, '-o', part]);
    renameSync(part, object);
    return object;
  }

  #find(path) {
    const changed = join(this.#overlay, path);
    return existsSync(changed) ? changed : join(ROOT, path);
  }

  #includes() {
    return ['native', 'native/include', 'native/arch/x86_64'].flatMap((folder) => [
      `-I${join(this.#overlay, folder)}`,
      `-I${join(ROOT, folder)}`,
    ]);
  }

  /** Of every header that a source may include. */
  #headerHash() {
    const hash = createHash('sha256');
    for (const folder of ['native', 'test/native', 'test/planted/finders']) {
      const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
      for (const name of names.filter((one) => one.endsWith('.h')).sort()) {
        hash.update(name).update(readFileSync(this.#find(join(folder, name))));
      }
    }
    return hash.digest('hex');
  }
}
