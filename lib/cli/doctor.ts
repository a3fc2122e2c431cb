import { Command } from 'commander';
import type { NativeDoctor } from '../binding.ts';
import { SysletsError } from '../errors.ts';
import { Kernel } from '../kernel/index.ts';
import { libc } from '../libc.ts';
import { addonOrigin, native, whyNoNative } from '../native.ts';
import { limits, userLimits } from './doctor-limits.ts';
import { answer, type Need, needs } from './doctor-liveness.ts';
import {
  type Fact,
  type Facts,
  factLines,
  heading,
  type OutputOptions,
  printJson,
  tableLines,
} from './output.ts';

/** What a program should know that attaches; docs/architecture.md has the whole table. */
const LOST: readonly string[] = [
  'asynchronous signals are masked on attached threads; other threads of Node take them',
  'rseq is unregistered: glibc falls back to what it does without',
  'priority-inheriting and robust mutexes must not be held over a call that may block',
  'name, I/O priority, timer slack and memory policy stay with the OS thread that had them set',
  'no_new_privs that foreign code sets on a thread does not follow; set through us it does',
  'clocks of a thread, rusage of a thread and perf events of others count OS threads',
  'the thread id in glibc stays that of the thread on which a context was born',
];

const WORKS = 'works';

const HELP = `
Exit status: 0 if calls can be handed over here, 1 if the addon is not there or cannot attach.

Examples:
  syslets doctor
  syslets doctor --json`;

/** `syslets doctor`. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('say what works on this machine, and why the rest does not')
    .option('--json', 'one JSON object instead of text')
    .addHelpText('after', HELP)
    .action(doctor);
}

/** Says what works on this machine, and why the rest does not. */
export function doctor({ json = false }: OutputOptions): void {
  const machine: Facts = {
    node: process.versions.node,
    platform: process.platform,
    architecture: process.arch,
    libc: libc() ?? 'not known',
    addon: whyNoNative() === undefined ? addonText() : `not available: ${whyNoNative()}`,
  };
  const found = whyNoNative() === undefined ? withAddon() : undefined;
  const report: Report = { machine, ...found, limits: limits(), lostWhileAttached: LOST };
  if (json) printJson(report);
  else print(report);
  if (report.watcher?.attach !== WORKS) process.exitCode = 1;
}

function addonText(): string {
  return `loaded, ${addonOrigin()}`;
}

interface Report {
  readonly machine: Facts;
  readonly watcher?: Facts;
  readonly kernel?: Facts;
  readonly liveness?: readonly Need[];
  readonly refused?: NativeDoctor['refused'];
  readonly limits: Facts;
  readonly lostWhileAttached: readonly string[];
}

function withAddon(): Pick<Report, 'watcher' | 'kernel' | 'liveness' | 'refused'> {
  const { refused, ...facts } = native().doctor();
  const { arch, handOff, fsgsbase, protectionKeys, perf, sampler, interruptSignal } = facts;
  const kernel = { arch, handOff, fsgsbase, protectionKeys, perf, sampler, interruptSignal };
  return { ...whileAttached(), kernel: plain(kernel), refused };
}

/** Attaching is the only proof that it works. */
function whileAttached(): Pick<Report, 'watcher' | 'liveness'> {
  try {
    const kernel = Kernel.attach();
    const { watcher, watcherReason } = kernel.watcher();
    const liveness = needs(native().doctor(), userLimits());
    kernel.detach();
    return { watcher: { attach: WORKS, watcher, reason: watcherReason }, liveness };
  } catch (error) {
    if (!(error instanceof SysletsError)) throw error;
    return { watcher: { attach: `fails: ${error.message}`, watcher: null, reason: null } };
  }
}

function plain(facts: Readonly<Record<string, unknown>>): Facts {
  const isFact = (value: unknown): value is Fact =>
    value === null || ['string', 'number', 'boolean'].includes(typeof value);
  return Object.fromEntries(
    Object.entries(facts).map(([key, value]) => [key, isFact(value) ? value : String(value)]),
  );
}

function print(report: Report): void {
  const parts = [
    heading('This machine') + factLines(report.machine),
    report.watcher && heading('Watcher') + factLines(report.watcher),
    report.kernel && heading('Kernel side') + factLines(report.kernel),
    report.liveness && `${heading('Liveness')}${livenessLines(report.liveness)}\n`,
    heading('Limits') + factLines(report.limits),
    report.refused && `${heading('Refused calls')}${refusedLines(report.refused)}\n`,
    `${heading('Lost while attached')}${report.lostWhileAttached.map((one) => `  ${one}\n`).join('')}`,
  ];
  process.stdout.write(parts.filter((part) => part !== undefined).join('\n'));
}

function refusedLines(refused: NativeDoctor['refused']): string {
  return tableLines([
    ['call', 'number', 'reason'],
    ...refused.map(({ name, nr, reason }) => [name, nr, reason]),
  ]);
}

function livenessLines(liveness: readonly Need[]): string {
  return tableLines([
    ['need', 'here', 'detail', 'without it', 'counters'],
    ...liveness.map((one) => [
      one.need,
      answer(one),
      one.detail,
      one.without,
      one.counters.join(', '),
    ]),
  ]);
}
