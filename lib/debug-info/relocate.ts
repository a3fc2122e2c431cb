import { ByteCursor } from './bytes.ts';
import type { ElfHeader, ElfSection } from './elf-sections.ts';

/**
 * Relocations of debug information in object files. Only absolute ones are of use here: offsets
 * into other sections. RISC-V has differences too, since its linker makes code shorter.
 */

const rela = 4;
const rel = 9;

/** By EM_… of elf.h, the types that store an absolute number, with its bytes. */
const absolute: Readonly<Record<number, Readonly<Record<number, 4 | 8>>>> = {
  2: { 3: 4, 23: 4 },
  3: { 1: 4 },
  4: { 1: 4 },
  8: { 2: 4, 18: 8 },
  20: { 1: 4, 24: 4 },
  21: { 1: 4, 24: 4, 38: 8, 43: 8 },
  22: { 4: 4, 22: 8 },
  40: { 2: 4 },
  43: { 3: 4, 23: 4, 32: 8, 54: 8 },
  62: { 1: 8, 10: 4, 11: 4 },
  183: { 257: 8, 258: 4 },
  243: { 1: 4, 2: 8 },
  247: { 2: 8, 3: 4, 4: 4 },
  258: { 1: 4, 2: 8 },
};

const riscv = 243;
const sparc64 = 43;

/** RISC-V's, which add to what is there, take from it, or replace it: with their bytes. */
const riscvChanges: Readonly<Record<number, readonly ['add' | 'sub' | 'set', number]>> = {
  33: ['add', 1],
  34: ['add', 2],
  35: ['add', 4],
  36: ['add', 8],
  37: ['sub', 1],
  38: ['sub', 2],
  39: ['sub', 4],
  40: ['sub', 8],
  54: ['set', 1],
  55: ['set', 2],
  56: ['set', 4],
};

/** The sections that relocate the section of that index. */
export function relocationsOf(header: ElfHeader, index: number): readonly ElfSection[] {
  if (header.type !== relocatable) return [];
  return header.sections.filter(
    ({ type, info }) => info === index && (type === rela || type === rel),
  );
}

const relocatable = 1;

export type BytesOf = (section: ElfSection) => Buffer;

/** Changes a section's bytes as a linker would that puts each section at 0. */
export function relocate(
  bytes: Buffer,
  header: ElfHeader,
  table: ElfSection,
  bytesOf: BytesOf,
): void {
  const { is64, isLittle, machine } = header;
  const symbols = header.sections[table.link];
  const entries = new ByteCursor(bytesOf(table), isLittle);
  const values = symbols && new ByteCursor(bytesOf(symbols), isLittle);
  const size = (is64 ? 16 : 8) + (table.type === rela ? (is64 ? 8 : 4) : 0);
  const word = () => (is64 ? entries.big64() : BigInt(entries.u32()));
  for (let at = 0; at + size <= entries.bytes.length; at += size) {
    entries.at = at;
    const offset = Number(word());
    const info = word();
    const [symbol, type] = splitInfo(info, is64, machine);
    const addend = table.type === rela ? word() : undefined;
    const value = values ? symbolValue(values, symbol, is64) : 0n;
    apply(bytes, { offset, type, value, addend, isLittle, machine });
  }
}

function splitInfo(info: bigint, is64: boolean, machine: number): [symbol: number, type: number] {
  if (!is64) return [Number(info >> 8n), Number(info & 0xffn)];
  // sparc64 keeps data of its own in the type's upper bits.
  const type = Number(info & (machine === sparc64 ? 0xffn : 0xffffffffn));
  return [Number(info >> 32n), type];
}

function symbolValue(table: ByteCursor, index: number, is64: boolean): bigint {
  const at = index * (is64 ? 24 : 16) + (is64 ? 8 : 4);
  if (at + 8 > table.bytes.length) return 0n;
  table.at = at;
  return is64 ? table.big64() : BigInt(table.u32());
}

interface Relocation {
  readonly offset: number;
  readonly type: number;
  readonly value: bigint;
  /** undefined: what stands there. */
  readonly addend: bigint | undefined;
  readonly isLittle: boolean;
  readonly machine: number;
}

function apply(bytes: Buffer, given: Relocation): void {
  const { offset, type, value, addend, isLittle, machine } = given;
  const size = absolute[machine]?.[type];
  if (size !== undefined) {
    if (offset + size > bytes.length) return;
    const sum = value + (addend ?? numberAt(bytes, offset, size, isLittle));
    store(bytes, offset, size, isLittle, sum);
    return;
  }
  const change = machine === riscv ? riscvChanges[type] : undefined;
  if (!change || offset + change[1] > bytes.length) return;
  const [how, width] = change;
  const operand = value + (addend ?? 0n);
  const old = how === 'set' ? 0n : numberAt(bytes, offset, width, isLittle);
  store(bytes, offset, width, isLittle, how === 'sub' ? old - operand : old + operand);
}

function numberAt(bytes: Buffer, at: number, size: number, isLittle: boolean): bigint {
  let value = 0n;
  for (let index = 0; index < size; index++) {
    const byte = bytes[at + (isLittle ? size - 1 - index : index)] ?? 0;
    value = (value << 8n) | BigInt(byte);
  }
  return value;
}

function store(bytes: Buffer, at: number, size: number, isLittle: boolean, value: bigint): void {
  let rest = BigInt.asUintN(size * 8, value);
  for (let index = 0; index < size; index++, rest >>= 8n) {
    bytes[at + (isLittle ? index : size - 1 - index)] = Number(rest & 0xffn);
  }
}
