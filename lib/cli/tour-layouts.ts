import {
  indirect_params,
  indirect_registers,
  indirect_registers32,
  layout,
  syslet_args,
  syslet_call,
  syslet_completion,
  syslet_frame,
  syslet_ring,
  type Type,
} from '../abi/index.ts';
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

const structs: Readonly<Record<string, Type>> = {
  syslet_frame,
  syslet_args,
  syslet_completion,
  syslet_ring,
  indirect_registers,
  indirect_registers32,
  indirect_params,
  syslet_call,
};

/** Each struct of the ABI as TypeScript lays it out and as the C compiler does. */
export function compareLayouts(): readonly LayoutRow[] {
  const shapes = native().shapes();
  return Object.entries(structs).flatMap(([name, type]) => {
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
