import { amount } from './short.ts';

/** Headers of the shapes of large ones that people import. */
export interface HeaderSet {
  /** The one that is imported. */
  readonly main: string;
  readonly files: ReadonlyMap<string, string>;
}

const TYPES = amount(3000, 60);
const MESSAGES = amount(300, 5);

const members = [
  'unsigned int flags',
  'const void *next',
  'float scale[4]',
  'unsigned long long size',
];
const more = ['int x : 5, y : 27', 'char name[64]', 'unsigned short kind', 'double depth'];

/** Structs with comments, enums, functions, all in one file. */
export function graphicsHeader(): HeaderSet {
  const parts: string[] = [];
  for (let i = 0; i < TYPES; i++) {
    const use = i % 7 === 3 ? [`struct type_${i - 1} inner`] : [];
    const list = [...members, ...more.slice(i % 4), ...use].map(
      (member, at) => `\t/** Member ${at} of ${i}. */\n\t${member};`,
    );
    const values = Array.from({ length: 4 }, (_, at) => `\tVALUE_${i}_${at} = ${at * i},`);
    const isEnum = i % 10 === 9;
    parts.push(
      isEnum
        ? `enum type_${i} {\n${values.join('\n')}\n};\nstruct type_${i} { enum type_${i}_e *e; };`
        : `/* Type ${i}. */\nstruct type_${i} {\n${list.join('\n')}\n};`,
      `int function_${i}(struct type_${i} *self, unsigned int count);`,
    );
  }
  const lines = parts.map((part) => part.replace(/^enum type_(\d+) \{/, 'enum type_$1_e {'));
  return { main: 'large.h', files: new Map([['large.h', lines.join('\n')]]) };
}

const common = `
#include <stdint.h>
#include <string.h>
typedef struct message { uint16_t checksum; uint8_t length; uint64_t payload[33]; } message_t;
#define PACKED(declared) declared __attribute__((packed))
`;
const scalars = ['uint64_t', 'float', 'uint32_t', 'int16_t', 'uint8_t'];

/** Packed structs of a wire protocol, each in a file of its own with the code that packs it. */
export function messageHeaders(): HeaderSet {
  const files = new Map<string, string>();
  const names = Array.from({ length: MESSAGES }, (_, at) => `message_${at}.h`);
  names.forEach((name, at) => {
    files.set(name, messageHeader(at));
  });
  files.set('all.h', common + names.map((name) => `#include "${name}"`).join('\n'));
  return { main: 'all.h', files };
}

function messageHeader(index: number): string {
  const count = 8 + (index % 7);
  const fields = Array.from({ length: count }, (_, at) => ({
    type: scalars[Math.floor((at * scalars.length) / count)],
    name: `field_${at}`,
  }));
  const members = fields.map(({ type, name }) => ` ${type} ${name}; /*< [m] ${name} */`);
  const self = `m${index}_t`;
  const packs = ['pack', 'pack_chan', 'encode', 'encode_chan', 'status', 'send'].map((what) => {
    const list = fields.map(({ type, name }) => `, ${type} ${name}`).join('');
    const copies = fields.map(
      ({ name }, at) => `\tmemcpy(buf + ${at * 8}, &${name}, sizeof ${name});`,
    );
    const stores = fields.map(({ name }) => `\tpacket.${name} = ${name};`);
    return `static inline int m${index}_${what}(message_t *to${list})
{
\tchar buf[200];
\t${self} packet;
${[...copies, ...stores].join('\n')}
\tmemcpy(to->payload, &packet, sizeof packet);
\treturn buf[0];
}`;
  });
  const gets = fields.map(({ type, name }) => {
    return `static inline ${type} m${index}_get_${name}(const ${self} *of) { return of->${name}; }`;
  });
  const declared = `PACKED(typedef struct __m${index} {\n${members.join('\n')}\n char name[16];\n}) ${self};`;
  return [declared, ...packs, ...gets, ''].join('\n');
}
