import { absent, array, struct, union, variant, when } from './define.ts';
import { i32, i64, int, u32, u64 } from './scalars.ts';

/**
 * The ABI of syslets v7: "[PATCH 3/6] syslet: introduce abi structs" and the patches after it, by
 * Zach Brown, 6 December 2007; the indirect call under it is "indirect v6". Sizes below are bytes
 * on x86_64.
 */

/** include/asm-generic/syslet-abi.h: an architecture without syslets. 0 bytes in C, 1 in C++. */
const empty_frame = struct('syslet_frame', {});

/** include/asm-x86/syslet-abi.h. 16 bytes; aligned to 4 on i386. */
const x86_frame = struct('syslet_frame', {
  /** Where the original thread goes on when its call is over. */
  ip: u64,
  /** The stack that it then has; nothing is pushed on it before. */
  sp: u64,
});

/**
 * The user context that the original thread returns to. On aarch64, which v7 does not know, it is
 * ours: the same two words.
 */
export const syslet_frame = variant(
  [when({ names: ['i386', 'x86_64', 'aarch64'] }, x86_frame)],
  empty_frame,
);

/** include/linux/syslet-abi.h. 32 bytes. */
export const syslet_args = struct('syslet_args', {
  completion_ring_ptr: u64,
  caller_data: u64,
  frame: syslet_frame,
});

/** One entry of the ring: 16 bytes. `status` is the system call's result. */
export const syslet_completion = struct('syslet_completion', {
  status: u64,
  caller_data: u64,
});

/** 16 bytes and 16 for each element. Users align it to 8, which i386 would not do by itself. */
export const syslet_ring = struct('syslet_ring', {
  /** Written by the kernel as completions are added; wraps at 2^32. */
  kernel_head: u32,
  /** Written by the user as completions are removed; wraps at 2^32. */
  user_tail: u32,
  /** A power of two. */
  elements: u32,
  wait_group: u32,
  comp: array(syslet_completion, 0),
});

const i386_registers = { eax: u32, ebx: u32, ecx: u32, edx: u32, esi: u32, edi: u32, ebp: u32 };
const x86_64_registers = { rax: u64, rdi: u64, rsi: u64, rdx: u64, r10: u64, r8: u64, r9: u64 };
const aarch64_registers = { x8: u64, x0: u64, x1: u64, x2: u64, x3: u64, x4: u64, x5: u64 };

const register_cases = [
  when({ names: ['i386'] }, struct('indirect_registers', i386_registers)),
  when({ names: ['x86_64'] }, struct('indirect_registers', x86_64_registers)),
  when({ names: ['aarch64'] }, struct('indirect_registers', aarch64_registers)),
] as const;

/** Number and arguments of a system call: 56 bytes, 28 on i386 (indirect v6; on aarch64 ours). */
export const indirect_registers = variant(register_cases, absent);

/** The registers of a 32-bit task on a 64-bit kernel: 28 bytes (indirect v6). */
export const indirect_registers32 = variant(
  [when({ names: ['x86_64'] }, struct('indirect_registers32', i386_registers))],
  absent,
);

const file_flags = struct('', { flags: int });

/** What the call that runs may find beside its arguments: 32 bytes (indirect v6, patch 4 of v7). */
export const indirect_params = union('indirect_params', { file_flags, syslet: syslet_args });

/**
 * Ours, not v7's: where the result of a call goes that has no ring. 24 bytes, aligned to 8, to 4 on
 * i386; its users align it to 8.
 */
export const syslet_result_place = struct('syslet_result_place', {
  /** Of a u64, aligned: the call's value or -errno. */
  status_ptr: u64,
  /** Of a u32, aligned: 1 once the status is there; or 0. */
  done_ptr: u64,
  /** 1: a futex wakes those that wait for the u32. 2: the eventfd is written. */
  flags: u32,
  eventfd: i32,
});

/** The parameters of such a call: 64 bytes, and `syslet.completion_ring_ptr` is 0. */
export const indirect_params_placed = struct('indirect_params_placed', {
  syslet: syslet_args,
  file_flags: struct('syslet_file_flags', { flags: int }),
  reserved: int,
  place: syslet_result_place,
});

const generic_registers = struct('generic_registers', { nr: u64, args: array(u64, 6) });

const call_registers = variant(register_cases, generic_registers);

/**
 * Ours, not v7's: one submission block, filled by TypeScript and read by the addon. 128 bytes,
 * aligned to 8.
 */
export const syslet_call = struct('syslet_call', {
  regs: call_registers,
  params: indirect_params,
  /** The whole result, 64 bits of it. */
  result: i64,
  /** Bytes of `params` that count. */
  paramslen: u32,
  /** 1 if the call was handed over. */
  pending: u32,
  /** The task that runs the call that was handed over. */
  task: u32,
  /** Of an observed dispatch: 0 not over, 1 did not sleep, 2 slept. */
  slept: u32,
  kept: array(u64, 2),
});
