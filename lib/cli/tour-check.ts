import { generic, i386, ppc64, type Target, x86_64 } from '../abi/index.ts';
import { type CheckRow, checkTypes } from '../abi-tools/check.ts';
import { sysletTypes } from '../abi-tools/load-types.ts';
import { tableLines } from './output.ts';

const targets: readonly Target[] = [i386, x86_64, ppc64, generic];

/** What the compilers of this machine say of the syslet structs for several ABIs. */
export interface CheckFacts {
  readonly target: string;
  readonly compiler: string;
  readonly status: CheckRow['status'];
  readonly detail: string;
}

/** Compilers that are not here are left out, unless a target would have none. */
export async function checkLayouts(): Promise<readonly CheckFacts[]> {
  const rows = await checkTypes(sysletTypes, targets);
  return targets.flatMap(({ name }) => {
    const own = rows.filter((row) => row.target === name);
    const asked = own.filter((row) => row.status !== 'not checked');
    return (asked.length > 0 ? asked : own.slice(0, 1)).map(factsOf);
  });
}

function factsOf({ target, compiler, status, ...row }: CheckRow): CheckFacts {
  const asked = `${row.types} types, ${row.answers} answers, ${row.differences.length} differences`;
  return { target, compiler, status, detail: row.reason ?? asked };
}

export function checkLines(rows: readonly CheckFacts[]): string {
  const body = rows.map(({ target, compiler, status, detail }) => [
    target,
    compiler,
    `${status === 'different' ? 'DIFFERENT' : status}: ${detail}`,
  ]);
  return `${tableLines([['target', 'compiler', 'syslets abi check'], ...body])}\n`;
}
