import { aarch64, generic, type Target, x86_64 } from './abi/index.ts';

const known: Readonly<Record<string, Target>> = { x64: x86_64, arm64: aarch64 };

/**
 * The ABI of this process: where its compiler puts the members that the kernel side reads.
 * `generic` stands for processors without syslets, which refuse every call that has a frame.
 */
export const hostTarget: Target = known[process.arch] ?? generic;
