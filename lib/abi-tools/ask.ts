import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordType, Target } from '../abi/index.ts';
import type { Compiler } from './compilers.ts';
import { type ElfObject, readElf } from './elf.ts';
import { type Initialised, initialised } from './initialised.ts';
import { bitsText, type Probe, probeExpression, probeName, probesOf } from './probe.ts';
import { run } from './run.ts';

/** One record to ask a compiler about. */
export interface Question {
  /** `struct x` or a typedef's name: how the source of C names it. */
  readonly name: string;
  readonly type: RecordType;
  /** With a seed, the bytes of an initialised object are compared too. */
  readonly seed?: number;
}

export interface Difference {
  readonly record: string;
  readonly what: string;
  readonly ours: string;
  readonly theirs: string;
}

export type Answer =
  | {
      readonly status: 'answered';
      readonly asked: number;
      readonly differences: readonly Difference[];
    }
  | { readonly status: 'refused'; readonly message: string };

export interface Source {
  /** Declarations before our own: types that we wrote, or #include lines. */
  readonly prelude: string;
  readonly questions: readonly Question[];
  readonly flags?: readonly string[];
}

/** Compiles the questions for a target and compares what the object file says with layout(). */
export async function ask(source: Source, target: Target, compiler: Compiler): Promise<Answer> {
  const plans = source.questions.map((question, index) => plan(question, index, target));
  const text = [source.prelude, ...plans.map((one) => one.text), ''].join('\n');
  const compiled = await compile(text, target, compiler, source.flags ?? []);
  if (typeof compiled === 'string') return { status: 'refused', message: compiled };
  const differences = plans.flatMap((one) => compare(one, compiled, target));
  const asked = plans.reduce((sum, one) => sum + one.probes.length + (one.object ? 1 : 0), 0);
  return { status: 'answered', asked, differences };
}

interface Plan {
  readonly question: Question;
  readonly index: number;
  readonly probes: readonly Probe[];
  readonly object: Initialised | undefined;
  readonly text: string;
}

/** The objects of C that answer one question: numbers, one object for each bit-field, values. */
function plan(question: Question, index: number, target: Target): Plan {
  const isCpp = target.language === 'c++';
  const probes = probesOf(question.type, target).filter((one) => !isCpp || one.kind !== 'bits');
  const { name, type, seed } = question;
  const object = seed === undefined || isCpp ? undefined : initialised(type, target, seed);
  const numbers = probes.map((probe) => probeExpression(probe, name)).filter(Boolean);
  const lines = [
    `extern const unsigned long long syslets_n${index}[];`,
    `const unsigned long long syslets_n${index}[] = { ${numbers.join(', ')} };`,
    ...probes.flatMap((probe, at) => bitsObject(probe, name, `syslets_b${index}_${at}`)),
  ];
  if (object) lines.push(`${name} syslets_o${index} = ${object.initialiser};`);
  return { question, index, probes, object, text: lines.join('\n') };
}

function bitsObject(probe: Probe, name: string, symbol: string): string[] {
  if (probe.kind !== 'bits') return [];
  return [`${name} ${symbol} = { .${probe.path} = ${probe.isBool ? 1 : -1} };`];
}

/** The object file, or the compiler's message. */
async function compile(
  text: string,
  target: Target,
  compiler: Compiler,
  flags: readonly string[],
): Promise<ElfObject | string> {
  const folder = await mkdtemp(join(tmpdir(), 'syslets-abi-'));
  try {
    const object = join(folder, 'out.o');
    const language = target.language === 'c++' ? ['-x', 'c++'] : ['-x', 'c', '-std=gnu11'];
    const fixed = ['-w', '-O0', '-fno-common', ...language, ...flags, '-c', '-o', object, '-'];
    const { status, stderr } = await run(compiler.file, [...compiler.args, ...fixed], {
      input: text,
    });
    return status === 0 ? readElf(await readFile(object)) : stderr.trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function compare(one: Plan, object: ElfObject, target: Target): Difference[] {
  const numbers = numbersIn(object.bytesOf(`syslets_n${one.index}`), target);
  let next = 0;
  const found = one.probes.flatMap((probe, at) => {
    const isBits = probe.kind === 'bits';
    const ours = isBits ? `${probe.at}:${probe.width}` : String(probe.expected);
    const theirs = isBits
      ? bitsText(object.bytesOf(`syslets_b${one.index}_${at}`) ?? new Uint8Array(), target)
      : String(numbers[next++]);
    if (isBits && probe.isBool ? theirs === `${probe.at}:1` : ours === theirs) return [];
    return [{ record: one.question.name, what: probeName(probe), ours, theirs }];
  });
  return [...found, ...compareBytes(one, object)];
}

function compareBytes(one: Plan, object: ElfObject): Difference[] {
  if (!one.object) return [];
  const ours = Buffer.from(one.object.bytes).toString('hex');
  const theirs = Buffer.from(object.bytesOf(`syslets_o${one.index}`) ?? []).toString('hex');
  if (ours === theirs) return [];
  return [{ record: one.question.name, what: 'initialised bytes', ours, theirs }];
}

function numbersIn(bytes: Uint8Array | undefined, target: Target): number[] {
  if (!bytes) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = target.byteOrder === 'little';
  return Array.from({ length: bytes.byteLength / 8 }, (_, index) =>
    Number(view.getBigUint64(index * 8, little)),
  );
}
