// Writes the tables of docs/scenarios.md from the scenarios themselves: npm run docs:scenarios.
import { readFileSync, writeFileSync } from 'node:fs';
import { discover } from '../dist/stress/index.js';

function matchText(match) {
  return 'exact' in match ? match.exact : `/${match.pattern}/`;
}

function cell(rules, expect) {
  const texts = rules
    .filter((rule) => rule.expect === expect)
    .map(({ match }) => `\`${matchText(match).replaceAll('|', '\\|')}\``);
  return texts.join(', ') || '-';
}

const DOC = new URL('../docs/scenarios.md', import.meta.url);
let [text = ''] = readFileSync(DOC, 'utf8').split('\n## ');
let group = '';
for (const { name, scenario } of await discover([])) {
  const first = name.split('/')[0];
  if (first !== group) {
    group = first;
    text += `\n## ${group}\n\n| scenario | what it is | interesting | forbidden |\n|---|---|---|---|\n`;
  }
  const { rules, definition } = scenario;
  const cells = [
    `\`${name}\``,
    definition.description.replaceAll('|', '\\|'),
    cell(rules, 'interesting'),
    cell(rules, 'forbidden'),
  ];
  text += `| ${cells.join(' | ')} |\n`;
}
writeFileSync(DOC, text);
