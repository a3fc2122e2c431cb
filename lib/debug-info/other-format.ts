/** What begins an object, a library or a program that is not ELF. */
const magics: readonly (readonly [format: string, ...heads: readonly (readonly number[])[]])[] = [
  ['WebAssembly', [0x00, 0x61, 0x73, 0x6d]],
  [
    'Mach-O',
    [0xcf, 0xfa, 0xed, 0xfe],
    [0xce, 0xfa, 0xed, 0xfe],
    [0xfe, 0xed, 0xfa, 0xcf],
    [0xfe, 0xed, 0xfa, 0xce],
    [0xca, 0xfe, 0xba, 0xbe],
  ],
  // The number of a machine, as little-endian: i386, x86_64, arm, aarch64; or an object of many sections.
  ['COFF', [0x4c, 0x01], [0x64, 0x86], [0xc4, 0x01], [0x64, 0xaa], [0x00, 0x00, 0xff, 0xff]],
  // The letters MZ may begin a text, too.
  ['PE, a program of Windows', [0x4d, 0x5a, 0x90, 0x00], [0x4d, 0x5a, 0x78, 0x00]],
  ["LLVM's bitcode", [0x42, 0x43, 0xc0, 0xde]],
  ['an archive of objects', [...Buffer.from('!<arch>\n')]],
];

/** Bytes that tell the format. */
export const headBytes = 8;

/** What a file is that is no ELF, by its first bytes; undefined of what is no object at all. */
export function otherFormat(head: Uint8Array): string | undefined {
  const begins = (magic: readonly number[]) => magic.every((byte, at) => head[at] === byte);
  return magics.find(([, ...heads]) => heads.some(begins))?.[0];
}
