import { type Target, targets } from '../abi/index.ts';
import type { ElfHeader } from '../debug-info/elf-sections.ts';

/** EM_… of elf.h with the word size and byte order that go with a target. */
const machines: readonly (readonly [
  machine: number,
  bits: 32 | 64,
  order: 'little' | 'big',
  Target,
])[] = [
  [3, 32, 'little', targets.i386],
  [62, 64, 'little', targets.x86_64],
  [62, 32, 'little', targets.x32],
  [183, 64, 'little', targets.aarch64],
  [40, 32, 'little', targets.arm],
  [21, 64, 'big', targets.ppc64],
  [21, 64, 'little', targets.ppc64le],
  [243, 64, 'little', targets.riscv64],
  [22, 64, 'big', targets.s390x],
  [8, 32, 'big', targets.mips],
  [43, 64, 'big', targets.sparc64],
  [4, 32, 'big', targets.m68k],
  [258, 64, 'little', targets.loongarch64],
];

const bpf = 247;

/** The target that an ELF file was made for; undefined for a machine that we have no rules for. */
export function targetOfElf({ machine, is64, isLittle }: ElfHeader): Target | undefined {
  // BPF has C's rules of a 64-bit machine; of big-endian ones we have none without an architecture.
  if (machine === bpf) return isLittle ? targets.generic : undefined;
  const [bits, order] = [is64 ? 64 : 32, isLittle ? 'little' : 'big'];
  return machines.find(([m, b, o]) => m === machine && b === bits && o === order)?.[3];
}
