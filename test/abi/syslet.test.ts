import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as abi from '../../lib/abi/index.ts';
import { abiCommand } from '../../lib/cli/abi/command.ts';

const { cpp, layout, memberNames, targets } = abi;

const structs: Readonly<Record<string, abi.Type>> = {
  syslet_frame: abi.syslet_frame,
  syslet_args: abi.syslet_args,
  syslet_completion: abi.syslet_completion,
  syslet_ring: abi.syslet_ring,
  indirect_registers: abi.indirect_registers,
  indirect_registers32: abi.indirect_registers32,
  indirect_params: abi.indirect_params,
  syslet_result_place: abi.syslet_result_place,
  indirect_params_placed: abi.indirect_params_placed,
  syslet_call: abi.syslet_call,
};

interface Row {
  readonly struct: abi.Type;
  readonly target: abi.Target;
  readonly cell: string;
  readonly label: string;
}

/** The table 'Syslet structs' of docs/abi.md: a struct a row, a target a column. */
function rows(): Row[] {
  const lines = readFileSync(new URL('../../docs/abi.md', import.meta.url), 'utf8').split('\n');
  const at = lines.findIndex((line) => line.startsWith('| struct |'));
  const cells = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const columns = cells(lines[at] ?? '').slice(1);
  const body = lines.slice(at + 2, lines.indexOf('', at));
  return body.flatMap((line) => {
    const [name = '', ...values] = cells(line);
    return columns.map((column, index) => ({
      struct: structs[name.replaceAll('`', '')] as abi.Type,
      target: column.endsWith('C++') ? cpp(targets.generic) : targets[column as 'i386'],
      cell: values[index] ?? '',
      label: `${name} ${column}`,
    }));
  });
}

/** `a@0, b@4: 8, align 4`, or `-` where there is no such struct. */
function described(type: abi.Type, target: abi.Target): string {
  try {
    const { size, align, fields } = layout(type, target);
    const places = fields.map((field) => `${field.name}@${field.offset}`).join(', ');
    return `${places ? `${places}: ` : ''}${size}, align ${align}`;
  } catch (error) {
    if (!(error as Error).message.includes('does not exist')) throw error;
    return '-';
  }
}

describe('docs/abi.md', () => {
  const table = rows();
  it('has a row for each syslet struct', () => {
    expect(table.length).toBe(Object.keys(structs).length * 5);
  });
  it.each(table)('$label', ({ struct, target, cell }) => {
    expect(described(struct, target)).toBe(cell);
  });
});

/** The cells of the table whose head begins with `head`, without the head. */
function tableAfter(head: string): string[][] {
  const lines = readFileSync(new URL('../../docs/abi.md', import.meta.url), 'utf8').split('\n');
  const at = lines.findIndex((line) => line.startsWith(head));
  return lines.slice(at + 2, lines.indexOf('', at)).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('the other tables of docs/abi.md', () => {
  it('name functions that there are', () => {
    const exported = abi as unknown as Readonly<Record<string, unknown>>;
    const names = tableAfter('| in C |').flatMap(([, here = '']) =>
      [...here.matchAll(/(\w+)\(/g)].map(([, name = '']) => name),
    );
    expect(names.length).toBeGreaterThan(12);
    expect(names.filter((name) => typeof exported[name] !== 'function')).toEqual([]);
  });

  it('name the commands of syslets abi, all of them', () => {
    const names = tableAfter('| command | what it does |').map(([first = '']) => first);
    const documented = names.map((name) => name.replace('`', '').split(' ')[0]);
    expect(documented).toEqual(abiCommand().commands.map((command) => command.name()));
  });

  it('names each target, and each scalar', () => {
    const text = readFileSync(new URL('../../docs/abi.md', import.meta.url), 'utf8');
    for (const name of Object.keys(targets)) expect(text).toContain(`\`${name}\``);
    const scalars = Object.values(abi as unknown as Readonly<Record<string, unknown>>).filter(
      (one) => (one as { kind?: string } | undefined)?.kind === 'scalar',
    ) as readonly abi.ScalarType[];
    expect(scalars).toHaveLength(27);
    for (const { scalar } of scalars) expect(text).toMatch(new RegExp(`\\b${scalar}\\b| … `));
  });
});

describe('syslet structs', () => {
  it('puts frame.ip of a call block at 72 on x86_64', () => {
    const ip = abi.offsetOf(abi.syslet_call, abi.x86_64, 'params.syslet.frame.ip');
    expect(ip).toBe(72);
    expect(abi.offsetOf(abi.syslet_ring, abi.x86_64, 'comp[3].status')).toBe(64);
  });
  it('names the members that there are when a path is wrong', () => {
    expect(() => abi.placeOf(abi.syslet_ring, abi.x86_64, 'comp[1].state')).toThrow(
      "path 'comp[1].state': there is no 'state' (members here: status, caller_data)",
    );
    expect(memberNames(layout(abi.indirect_params, abi.i386), abi.i386)).toEqual([
      'file_flags',
      'syslet',
    ]);
  });
});
