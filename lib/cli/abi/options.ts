import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Target, type Type, targets } from '../../abi/index.ts';
import { targetOfBinary } from '../../abi-tools/import-binary.ts';
import type { ImportOptions } from '../../abi-tools/import-header.ts';
import { parseSpec, type Spec, targetLabel, targetsNamed, typeOf } from '../../abi-tools/spec.ts';
import { isBinary } from '../../debug-info/binary-file.ts';
import type { DebugFormat } from '../../debug-info/debug-type.ts';
import { UserError } from '../../user-error.ts';

/** Options that most `syslets abi` commands share. */
export interface CommonOptions {
  readonly target?: readonly string[];
  readonly include?: readonly string[];
  readonly define?: readonly string[];
  readonly std?: string;
  readonly json?: boolean;
  readonly format?: DebugFormat;
}

function collect(value: string, list: readonly string[] = []): readonly string[] {
  return [...list, ...value.split(',')];
}

export function targetOption(command: Command, text: string): Command {
  const option = new Option('-t, --target <target>', `${text}; may be repeated; "all" for all`);
  return command.addOption(option.argParser(collect));
}

export function headerOptions(command: Command): Command {
  const keep = (value: string, list: readonly string[] = []) => [...list, value];
  return command
    .addOption(new Option('-I, --include <folder>', 'where headers are looked for').argParser(keep))
    .addOption(new Option('-D, --define <macro>', 'NAME or NAME=VALUE').argParser(keep))
    .addOption(
      new Option(
        '--std <name>',
        "the C that headers are read by, as clang's -std: c23, gnu17, … (default: gnu11)",
      ).argParser(standard),
    )
    .addOption(
      new Option(
        '-F, --format <name>',
        'which debug information of a binary is read (default: DWARF, else BTF)',
      ).choices(['dwarf', 'btf']),
    );
}

function standard(value: string): string {
  if (/^(?:c|gnu|iso9899:)[\w+]+$/.test(value)) return value;
  throw new InvalidArgumentError("expected a standard as clang's -std has it: c23, gnu17, …");
}

/** Whether `-t all` is given: then no target is named. */
export function isForAll({ target }: CommonOptions): boolean {
  return target?.some((name) => /^all(?::|$)/.test(name)) === true;
}

/** Targets that a header cannot be read for are told on stderr. One that was named is missing: exit status 2. */
export function importOptions(options: CommonOptions): ImportOptions {
  const isAll = isForAll(options);
  return {
    onSkipped: (target, reason) => {
      process.stderr.write(`not read for ${targetLabel(target)}: ${reason}\n`);
      if (!isAll) process.exitCode = 2;
    },
    onDoubt: (message) => process.stderr.write(`${message}\n`),
    ...(options.include ? { include: options.include } : {}),
    ...(options.define ? { define: options.define } : {}),
    ...(options.std ? { std: options.std } : {}),
    ...(options.format ? { format: options.format } : {}),
  };
}

/** A type that the user named, and the targets for which it was read. */
export async function chosenType(
  name: string,
  options: CommonOptions,
): Promise<{ readonly type: Type; readonly chosen: readonly Target[] }> {
  const spec = parseSpec(name);
  const wanted = targetsOf(spec, name, options);
  const { read, chosen } = await readFor(wanted, options, (given) => typeOf(spec, wanted, given));
  return { type: read, chosen };
}

/** What is read, and the targets for which it was. */
export async function readFor<Read>(
  wanted: readonly Target[],
  options: CommonOptions,
  reading: (given: ImportOptions) => Promise<Read>,
): Promise<{ readonly read: Read; readonly chosen: readonly Target[] }> {
  const skipped = new Set<Target>();
  const given = importOptions(options);
  const onSkipped = (target: Target, reason: string) => {
    skipped.add(target);
    given.onSkipped?.(target, reason);
  };
  const read = await reading({ ...given, onSkipped });
  return { read, chosen: wanted.filter((target) => !skipped.has(target)) };
}

/** The target that a spec names, else that of its binary, else this machine. */
export function targetOf({ file, target }: Spec): Target {
  if (target) return target;
  return file !== undefined && isBinary(file) ? targetOfBinary(file, hostTarget()) : hostTarget();
}

/** The targets that a spec is read for: it names one itself, or -t names some. */
export function targetsOf(spec: Spec, name: string, options: CommonOptions): readonly Target[] {
  const own = targetOf(spec);
  const chosen = chosenTargets(options.target, [own]);
  if (spec.target === undefined || chosen.every((one) => targetLabel(one) === targetLabel(own)))
    return chosen;
  const [one, others] = [targetLabel(own), chosen.map(targetLabel).join(', ')];
  throw new UserError(`'${name}' names the target ${one}, and --target ${others}: name it once`);
}

/** The targets that were named; `otherwise` where none was. */
export function chosenTargets(
  names: readonly string[] | undefined,
  otherwise: readonly Target[],
): readonly Target[] {
  if (!names) return otherwise;
  return names.flatMap(targetsNamed);
}

const hosts: Readonly<Record<string, Target>> = {
  x64: targets.x86_64,
  ia32: targets.i386,
  arm64: targets.aarch64,
  arm: targets.arm,
  riscv64: targets.riscv64,
  s390x: targets.s390x,
  ppc64: targets.ppc64le,
  loong64: targets.loongarch64,
};

/** The target that this machine is; x86_64 where we have no name for it. */
export function hostTarget(): Target {
  return hosts[process.arch] ?? targets.x86_64;
}

export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

export function printJson(value: unknown): void {
  const text = JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one), 2);
  print(text);
}
