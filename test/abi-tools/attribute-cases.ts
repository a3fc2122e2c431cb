/** Attributes that debug information leaves out, and the lines that facts must have. */
export const attributeCases: readonly (readonly [string, string, string, readonly string[]])[] = [
  [
    'packed',
    'struct s { char a; long b; } __attribute__((packed));',
    'struct s',
    ['b: signed 8 at 1'],
  ],
  [
    'pragma pack',
    '#pragma pack(2)\nstruct s { char a; long b; };',
    'struct s',
    ['b: signed 8 at 2'],
  ],
  [
    'an aligned member',
    'struct s { char a; int b __attribute__((aligned(16))); char c; };',
    'struct s',
    ['32 bytes', 'b: signed 4 at 16', 'c: signed 1 at 20'],
  ],
  [
    'a packed member among others',
    'struct s { char a; int b __attribute__((packed)); long c; };',
    'struct s',
    ['b: signed 4 at 1', 'c: signed 8 at 8'],
  ],
  [
    'unnamed bit-fields',
    'struct s { unsigned a : 3; unsigned : 6; unsigned b : 4; unsigned : 0; unsigned c : 1; };',
    'struct s',
    ['b: unsigned 4 at 1:9:4', 'c: unsigned 4 at 4:32:1'],
  ],
  [
    'an aligned struct',
    'struct s { int a; } __attribute__((aligned(64)));',
    'struct s',
    ['64 bytes'],
  ],
  ['a flexible tail', 'struct s { int n; short tail[]; };', 'struct s', ['4 bytes']],
  [
    'an enum of a byte',
    'enum __attribute__((packed)) e { A, B = 200 }; struct s { enum e e; };',
    'struct s',
    ['1 byte', 'e: unsigned 1 at 0'],
  ],
  [
    'a negative enum',
    'enum e { A = -1 }; struct s { enum e e; };',
    'struct s',
    ['e: signed 4 at 0'],
  ],
  [
    'an enum of 64 bits',
    'enum e { A = 0x123456789abLL }; struct s { enum e e; };',
    'struct s',
    ['e: unsigned 8 at 0'],
  ],
];
