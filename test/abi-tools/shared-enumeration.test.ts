import { expect, it } from 'vitest';
import { type EnumType, enumeration, layout, struct, u8, x86_64 } from '../../lib/abi/index.ts';
import { valueLayout } from '../../lib/abi/scalar-layout.ts';
import { type NamedType, withoutMacrosOf } from '../../lib/abi-tools/names-in.ts';

// A graphics API's first member of each struct is an enumeration of a thousand values.

it('an enumeration is looked through once, however many structs have it', () => {
  let reads = 0;
  const { values, ...rest } = enumeration('kind', { first: 0, second: 1 });
  const kind: EnumType = {
    ...rest,
    get values() {
      reads++;
      return values;
    },
  };
  const structs = Array.from({ length: 20 }, (_, i): NamedType => {
    return [`struct s${i}`, struct(`s${i}`, { kind, [`m${i}`]: u8 })];
  });
  const readsBy = (use: () => void) => {
    const before = reads;
    use();
    return reads - before;
  };
  layout(struct('other', { kind }), x86_64);
  expect(readsBy(() => structs.map(([, type]) => layout(type, x86_64)))).toBe(0);
  expect(readsBy(() => structs.map(() => valueLayout(kind, x86_64)))).toBe(0);
  let text = '';
  expect(
    readsBy(() => {
      text = withoutMacrosOf(structs, x86_64);
    }),
  ).toBe(1);
  const names = ['first', 'kind', 's7', 'm0', 'm19'].map((name) => `#undef ${name}\n`);
  expect(names.filter((line) => !text.includes(line))).toEqual([]);
});
