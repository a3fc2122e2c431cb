import { existsSync } from 'node:fs';
import { clangArgs } from './compilers.ts';

/** Debian's folders of another architecture's headers (packages libc6-dev-ARCH-cross). */
const crossFolders: Readonly<Record<string, string>> = {
  x32: '/usr/x86_64-linux-gnux32/include',
  i386: '/usr/i686-linux-gnu/include',
};

/**
 * The folders of C library and kernel headers for a target; none where clang finds its own. Behind
 * those of another architecture come the headers of this machine that are the same on all (Debian
 * keeps the others in a folder of the architecture); the ABIs of x86 share those, too.
 */
export function headerFolders(target: string): string[] {
  const triple = clangArgs(target)?.[0]?.replace('--target=', '');
  if (!triple || existsSync(`/usr/include/${triple}/asm`)) return [];
  const cross = crossFolders[target] ?? `/usr/${triple}/include`;
  const x86 = '/usr/include/x86_64-linux-gnu';
  const isX86 = target === 'i386' || target === 'x32';
  if (existsSync(cross)) {
    const shared = isX86 && existsSync(x86) ? ['-idirafter', x86] : [];
    return ['-nostdlibinc', '-isystem', cross, ...shared, '-idirafter', '/usr/include'];
  }
  return isX86 && existsSync(x86) ? ['-isystem', x86] : [];
}
