import { layout, type Type } from '../abi/index.ts';
import { sysletTypes } from '../abi-tools/load-types.ts';
import type { NativeShape } from '../binding.ts';
import { hostTarget } from '../host-target.ts';
import { native } from '../native.ts';
import { tableLines } from './output.ts';

export interface LayoutRow {
  readonly struct: string;
  /** size/align, then each member's offset. */
  readonly typescript: string;
  readonly c: string;
  readonly equal: boolean;
}

/** Each struct of the ABI as TypeScript lays it out and as the C compiler does. */
export function compareLayouts(): readonly LayoutRow[] {
  const shapes = native().shapes();
  return [...sysletTypes].flatMap(([name, type]) => {
    const shape = shapes[name];
    return shape === undefined ? [] : [compare(name, type, shape)];
  });
}

function compare(struct: string, type: Type, shape: NativeShape): LayoutRow {
  const { size, align, fields } = layout(type, hostTarget);
  const common = fields.filter(({ name }) => name in shape.fields);
  const typescript = describe(
    size,
    align,
    common.map(({ name, offset }) => [name, offset]),
  );
  const c = describe(
    shape.size,
    shape.align,
    common.map(({ name }) => [name, shape.fields[name]?.offset ?? -1]),
  );
  return { struct, typescript, c, equal: typescript === c };
}

function describe(size: number, align: number, fields: readonly [string, number][]): string {
  return [`${size}/${align}`, ...fields.map(([name, offset]) => `${name}@${offset}`)].join(' ');
}

export function layoutLines(rows: readonly LayoutRow[]): string {
  const head = ['struct (size/align)', 'TypeScript', 'C compiler'];
  const body = rows.map(({ struct, typescript, c, equal }) => [
    struct,
    typescript,
    equal ? 'the same' : `DIFFERS: ${c}`,
  ]);
  return `${tableLines([head, ...body])}\n`;
}
