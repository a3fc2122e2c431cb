// npm run docs:kernel-scenarios -- FILE...
//
// Writes the table of docs/explore.md from results of
//   syslets explore kernel --machine sc --json FILE
// Of a scenario that is in several files the last one counts; rows of those that are in none stay.

import { readFileSync, writeFileSync } from 'node:fs';
import { coverageText } from '../dist/report/explore-text.js';
import { readExplored } from '../dist/report/merge-explored.js';

const DOC = new URL('../docs/explore.md', import.meta.url);
const HEAD = '| kernel scenario | what was searched (sc) | states | seconds |\n|---|---|---|---|\n';

const text = readFileSync(DOC, 'utf8');
const [before, rest] = text.split(HEAD);
if (rest === undefined) throw new Error('docs/explore.md has no table of kernel scenarios');
const end = rest.search(/^(?!\|)/m);
const rows = new Map(
  [...rest.slice(0, end).matchAll(/^\| `([^`]+)` .*$/gm)].map(([row, name]) => [name, row]),
);
for (const file of process.argv.slice(2)) {
  for (const { name, machines } of readExplored(file).scenarios) {
    const { coverage, ms } = machines.find(({ machine }) => machine === 'sc');
    const searched = coverageText(coverage).replace(/ \([^)]*\)$/, '');
    const shown = coverage.states.toLocaleString('en-US');
    rows.set(name, `| \`${name}\` | ${searched} | ${shown} | ${(ms / 1000).toFixed(1)} |`);
  }
}
const table = [...rows.values()].map((row) => `${row}\n`).join('');
writeFileSync(DOC, before + HEAD + table + rest.slice(end));
