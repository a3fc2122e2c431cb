import type { Target } from './target.ts';

const double64 = { format: 'double', size: 8, align: 8 } as const;
const quad = { format: 'binary128', size: 16, align: 16 } as const;

/** What most 64-bit ABIs have in common. */
const lp64 = {
  byteOrder: 'little',
  language: 'c',
  pointerSize: 8,
  longSize: 8,
  charSigned: true,
  maxScalarAlign: 8,
  longDouble: quad,
  int128Align: 16,
  bitFields: 'typed',
  rules: 'gnu',
  unnamedBitsAlign: false,
} as const;

const ilp32 = {
  ...lp64,
  pointerSize: 4,
  longSize: 4,
  longDouble: double64,
  int128Align: 0,
} as const;
const x87 = { format: 'x87', size: 16, align: 16 } as const;

function target<const G extends Target>(data: G): G {
  return Object.freeze(data);
}

export const i386 = target({
  ...ilp32,
  name: 'i386',
  maxScalarAlign: 4,
  longDouble: { format: 'x87', size: 12, align: 4 },
});
export const x86_64 = target({ ...lp64, name: 'x86_64', longDouble: x87 });
export const x32 = target({ ...ilp32, name: 'x32', longDouble: x87, int128Align: 16 });
export const aarch64 = target({
  ...lp64,
  name: 'aarch64',
  charSigned: false,
  unnamedBitsAlign: true,
});
export const arm = target({ ...ilp32, name: 'arm', charSigned: false, unnamedBitsAlign: true });
export const ppc64 = target({
  ...lp64,
  name: 'ppc64',
  byteOrder: 'big',
  charSigned: false,
  longDouble: { format: 'ibm', size: 16, align: 16 },
});
export const ppc64le = target({
  ...lp64,
  name: 'ppc64le',
  charSigned: false,
  longDouble: { format: 'ibm', size: 16, align: 16 },
});
export const riscv64 = target({ ...lp64, name: 'riscv64', charSigned: false });
export const s390x = target({
  ...lp64,
  name: 's390x',
  byteOrder: 'big',
  charSigned: false,
  longDouble: { format: 'binary128', size: 16, align: 8 },
  int128Align: 8,
});
export const mips = target({ ...ilp32, name: 'mips', byteOrder: 'big' });
export const sparc64 = target({ ...lp64, name: 'sparc64', byteOrder: 'big' });
export const m68k = target({
  ...ilp32,
  name: 'm68k',
  byteOrder: 'big',
  maxScalarAlign: 2,
  bitFields: 'dense',
  longDouble: { format: 'm68k', size: 12, align: 2 },
});
export const loongarch64 = target({ ...lp64, name: 'loongarch64' });
/** WASI, and clang without any system. */
export const wasm32 = target({
  ...ilp32,
  name: 'wasm32',
  longDouble: quad,
  int128Align: 16,
});
/** Emscripten aligns long double to 8, so that what malloc gives need not be aligned to 16. */
export const wasm32_emscripten = target({
  ...wasm32,
  name: 'wasm32-emscripten',
  longDouble: { ...quad, align: 8 },
});
/** Not as Linux on this machine: char is signed, long double a double, unnamed bit-fields align nothing. */
export const aarch64_apple = target({ ...lp64, name: 'aarch64-apple', longDouble: double64 });
export const x86_64_apple = target({ ...lp64, name: 'x86_64-apple', longDouble: x87 });

/** What Microsoft's compiler, and clang in its place, make of plain data. */
const microsoft = {
  ...lp64,
  longSize: 4,
  longDouble: double64,
  bitFields: 'units',
  rules: 'microsoft',
} as const;
export const x86_64_windows_msvc = target({ ...microsoft, name: 'x86_64-windows-msvc' });
export const aarch64_windows_msvc = target({ ...microsoft, name: 'aarch64-windows-msvc' });
export const i686_windows_msvc = target({
  ...microsoft,
  name: 'i686-windows-msvc',
  pointerSize: 4,
  int128Align: 0,
});
/** MinGW-w64: GCC's rules, but for bit-fields. */
export const x86_64_windows_gnu = target({
  ...lp64,
  name: 'x86_64-windows-gnu',
  longSize: 4,
  longDouble: x87,
  bitFields: 'units',
});

/** The C rules of x86_64 for an architecture without syslets: `struct syslet_frame` is empty. */
export const generic = target({ ...lp64, name: 'generic', longDouble: x87 });

/** Every target that comes with the package, by name. */
export const targets = Object.freeze({
  i386,
  x86_64,
  x32,
  aarch64,
  arm,
  ppc64,
  ppc64le,
  riscv64,
  s390x,
  mips,
  sparc64,
  m68k,
  loongarch64,
  wasm32,
  'wasm32-emscripten': wasm32_emscripten,
  'aarch64-apple': aarch64_apple,
  'x86_64-apple': x86_64_apple,
  'x86_64-windows-msvc': x86_64_windows_msvc,
  'i686-windows-msvc': i686_windows_msvc,
  'aarch64-windows-msvc': aarch64_windows_msvc,
  'x86_64-windows-gnu': x86_64_windows_gnu,
  generic,
});

export type TargetName = keyof typeof targets;
