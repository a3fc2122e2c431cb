import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { NativeBinding } from './binding.ts';
import { NativeUnavailableError } from './errors.ts';
import { libc } from './libc.ts';
import { ADDONS_DISABLED, type NotHere, noEventLoop } from './runtime.ts';

/** A file that may be the addon, and where it came from. */
interface AddonFile {
  readonly path: string;
  readonly origin: string;
}

// lib/ and dist/ lie beside build/ and prebuilds/, so that one relative path serves the source and
// the package
const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const WHY_NOT = at('build/why-not.txt');

/** Where npm's install script compiles it. */
const COMPILED: AddonFile = {
  path: at('build/Release/syslets.node'),
  origin: 'compiled here',
};

function prebuiltName(): string {
  return `${process.platform}-${process.arch}-${libc() ?? 'glibc'}`;
}

/** Brought by the package (scripts/prebuild.mjs), one for each C library. */
function prebuilt(): AddonFile {
  const name = prebuiltName();
  return { path: at(`prebuilds/${name}/syslets.node`), origin: `prebuilt for ${name}` };
}

/** Where the package is part of a bundle. */
const BESIDE: AddonFile = {
  path: fileURLToPath(new URL('./syslets.node', import.meta.url)),
  origin: 'beside the bundle',
};

/** What was compiled here is for this machine, and comes first. */
function addonFile(): AddonFile {
  const test = process.env.SYSLETS_TEST_ADDON;
  // for tests alone: an addon with a planted bug (docs/planted.md)
  if (test !== undefined) return { path: test, origin: 'of a test' };
  if (existsSync(COMPILED.path)) return COMPILED;
  return [prebuilt(), BESIDE].find(({ path }) => existsSync(path)) ?? COMPILED;
}

let loaded: NativeBinding | NativeUnavailableError | undefined;
let from: AddonFile | undefined;

/**
 * The addon, loaded on first use.
 *
 * @throws NativeUnavailableError where it was not built or does not load, with the reason.
 */
export function native(): NativeBinding {
  const found = loaded ?? loadOnce();
  if (found instanceof NativeUnavailableError) throw found;
  return found;
}

/** Why the addon is not available here; undefined when it is. */
export function whyNoNative(): string | undefined {
  const found = loaded ?? loadOnce();
  return found instanceof NativeUnavailableError ? found.reason : undefined;
}

/** Why `sys` cannot hear of completions here; undefined when it can. */
export function whyNoEventLoop(): NotHere | undefined {
  return noEventLoop(process.versions);
}

/** Where the addon that is loaded came from: compiled here, or brought by the package. */
export function addonOrigin(): string | undefined {
  return from?.origin;
}

/** What may have gone by the next use is not remembered. */
function loadOnce(): NativeBinding | NativeUnavailableError {
  const found = loadHere();
  if (!(found instanceof NativeUnavailableError && found.passes)) loaded = found;
  return found;
}

function loadHere(): NativeBinding | NativeUnavailableError {
  from = addonFile();
  return load(from.path, WHY_NOT);
}

/** Exported for tests: loads the addon at one path, with the reason that its installer left. */
export function load(addon: string, whyNot: string): NativeBinding | NativeUnavailableError {
  try {
    return createRequire(import.meta.url)(addon) as NativeBinding;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_DLOPEN_DISABLED') {
      const { reason, remedy } = ADDONS_DISABLED;
      return new NativeUnavailableError(reason, { cause: error }, remedy);
    }
    const lacking = whatIsLacking(addon, error as Error);
    if (lacking !== undefined) {
      const reason = `${lacking} when it was to be loaded`;
      return new NativeUnavailableError(reason, { cause: error }, CALL_AGAIN, true);
    }
    const reason = reasonFor(error, whyNot);
    return new NativeUnavailableError(reason, { cause: error }, isBundled() ? copy() : undefined);
  }
}

/** A bundle of a program's has this module, and what lies beside it in the package is elsewhere. */
function isBundled(): boolean {
  try {
    return JSON.parse(readFileSync(at('package.json'), 'utf8')).name !== 'syslets';
  } catch {
    return true;
  }
}

function copy(): string {
  const file = `syslets/prebuilds/${prebuiltName()}/syslets.node`;
  return `Copy ${file} to ${BESIDE.path}, or leave syslets out of the bundle (external)`;
}

const CALL_AGAIN = 'Close some descriptors, or raise the limit (ulimit -n), and call again';
const LACKING: Readonly<Record<string, string>> = {
  EMFILE: 'EMFILE: this process had no descriptor left',
  ENFILE: 'ENFILE: this machine had no descriptor left',
};

/**
 * dlopen tells by a text of the C library alone, which may be translated: the same file is opened for
 * the number. Another thread may have closed something meanwhile.
 */
function whatIsLacking(addon: string, { message }: Error): string | undefined {
  try {
    closeSync(openSync(addon, 'r'));
    return /Too many open files(?! in system)/.test(message) ? LACKING.EMFILE : undefined;
  } catch (error) {
    return LACKING[(error as NodeJS.ErrnoException).code ?? ''];
  }
}

function reasonFor(error: unknown, whyNot: string): string {
  const installer = readReason(whyNot);
  if (installer !== undefined) return installer;
  if (process.platform !== 'linux') return `it is for Linux, and this is ${process.platform}`;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'MODULE_NOT_FOUND') return message;
  return isBundled()
    ? 'it is not beside this bundle'
    : 'it was never compiled (installed with --ignore-scripts?)';
}

function readReason(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
