// Writes the man pages to dist/man, from the compiled program's own --help.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { program } from '../dist/cli/commands.js';
import { describe } from '../dist/cli/describe.js';
import { manPages } from '../dist/cli/man.js';

const FOLDER = new URL('../dist/man/', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER);
for (const { file, text } of manPages(describe(await program()), version)) {
  writeFileSync(new URL(file, FOLDER), text);
}
