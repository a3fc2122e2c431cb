import { existsSync } from 'node:fs';
import { readerArgs } from './compilers.ts';

/** Debian's folders of another architecture's headers (packages libc6-dev-ARCH-cross). */
const crossFolders: Readonly<Record<string, string>> = {
  x32: '/usr/x86_64-linux-gnux32/include',
  i386: '/usr/i686-linux-gnu/include',
};

/** Folders of systems that are not Linux, by the target (packages wasi-libc, mingw-w64-common). */
const systemFolders: Readonly<Record<string, string>> = {
  wasm32: '/usr/include/wasm32-wasi',
  'x86_64-windows-gnu': '/usr/share/mingw-w64/include',
};

/**
 * The folders of C library and kernel headers for a target; none where clang finds its own. Behind
 * those of another architecture come the headers of this machine that are the same on all (Debian
 * keeps the others in a folder of the architecture); the ABIs of x86 share those, too.
 */
export function headerFolders(target: string): string[] {
  const triple = readerArgs(target)?.[0]?.replace('--target=', '');
  if (!triple || existsSync(`/usr/include/${triple}/asm`)) return [];
  if (!isLinux(triple)) return ofSystem(target, triple);
  const cross = crossFolders[target] ?? `/usr/${triple}/include`;
  const x86 = '/usr/include/x86_64-linux-gnu';
  const isX86 = target === 'i386' || target === 'x32';
  if (existsSync(cross)) {
    const shared = isX86 && existsSync(x86) ? ['-idirafter', x86] : [];
    return ['-nostdlibinc', '-isystem', cross, ...shared, '-idirafter', '/usr/include'];
  }
  return isX86 && existsSync(x86) ? ['-isystem', x86] : [];
}

function isLinux(triple: string): boolean {
  return triple.includes('-linux-');
}

/** Never those of this machine, which clang would take for some: they are Linux's, and lay out other types. */
function ofSystem(target: string, triple: string): string[] {
  const isHere = process.platform === 'darwin' || process.env.SDKROOT !== undefined;
  if (triple.includes('-apple-') && isHere) return [];
  // Only where a Windows SDK is, or INCLUDE says, clang looks for its headers.
  if (triple.endsWith('-msvc') || process.platform === 'win32') return [];
  const folder = systemFolders[target];
  const found = folder !== undefined && existsSync(folder) ? ['-isystem', folder] : [];
  return ['-nostdlibinc', ...found];
}

/** Whether headers of Linux are installed for a target; undefined where it has none. */
export function hasLinuxHeaders(target: string): boolean | undefined {
  const triple = readerArgs(target)?.[0]?.replace('--target=', '');
  if (!triple || !isLinux(triple)) return undefined;
  const cross = crossFolders[target] ?? `/usr/${triple}/include`;
  return [`/usr/include/${triple}/asm`, `${cross}/asm`].some((one) => existsSync(one));
}
