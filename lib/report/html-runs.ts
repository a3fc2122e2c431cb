import type { Report } from './grade.ts';
import { type Markup, markup } from './markup.ts';
import type { RunFacts } from './merge.ts';
import { duration, grouped } from './numbers.ts';

const HEADS = [
  'Started',
  'Took',
  'Seed',
  'Shard',
  'Samples',
  'Processor',
  'Processors',
  'Memory',
  'System',
  'Node',
  'V8',
  'syslets',
  'Files',
];

/** Facts of each run and its machine. */
export function runsSection({ runs }: Report): Markup {
  return markup`<section aria-labelledby="runs-title">
<h2 id="runs-title">Runs and machines</h2>
<div class="wide"><table class="runs">
<thead><tr>${HEADS.map((name) => markup`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>
${runs.map(runRow)}</tbody>
</table></div>
</section>`;
}

function runRow({ started, ms, seed, shard, samples, machine, tool, files }: RunFacts): Markup {
  const { cpu, cpus, memoryBytes, platform, arch, release, node, v8 } = machine;
  const cells = [
    started.replace('T', ' ').replace(/\.\d+Z$/, 'Z'),
    duration(ms),
    seed,
    shard ? `${shard.index}/${shard.count}` : '–',
    grouped(samples),
    cpu,
    cpus,
    `${(memoryBytes / 2 ** 30).toFixed(1)} GiB`,
    `${platform} ${release} ${arch}`,
    node,
    v8,
    tool,
    files.join(', '),
  ];
  return markup`<tr>${cells.map((cell) => markup`<td>${cell}</td>`)}</tr>\n`;
}
