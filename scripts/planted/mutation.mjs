// A planted bug is data: test/planted/bugs/NAME.json. This reads it, and applies it to copies.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUGS = join(ROOT, 'test/planted/bugs');

/** Names of all planted bugs. */
export function bugNames() {
  return readdirSync(BUGS)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
}

/** One of them: title, explanation, seen, edits of [file, find, replace], finder. */
export function readBug(name) {
  const bug = JSON.parse(readFileSync(join(BUGS, `${name}.json`), 'utf8'));
  return { name, ...bug, edits: bug.edits.map(textOf) };
}

/** Texts of several lines are written as lists of lines. */
function textOf({ file, find, replace }) {
  return { file, find: joined(find), replace: joined(replace) };
}

function joined(lines) {
  return Array.isArray(lines) ? lines.join('\n') : lines;
}

/**
 * Texts of the files that the bug changes, by their path.
 *
 * @throws Error where a text is not there exactly once: the source has changed, so must the bug.
 */
export function mutated({ name, edits }) {
  const texts = new Map();
  for (const { file, find, replace } of edits) {
    const text = texts.get(file) ?? readFileSync(join(ROOT, file), 'utf8');
    const times = text.split(find).length - 1;
    if (times !== 1) {
      throw new Error(
        `planted bug ${name}: its text is ${times} times in ${file}, expected once; ` +
          `it must follow the source: test/planted/bugs/${name}.json\n${find}`,
      );
    }
    if (find === replace) throw new Error(`planted bug ${name}: it changes nothing in ${file}`);
    texts.set(
      file,
      text.replace(find, () => replace),
    );
  }
  return texts;
}

/** Writes the changed files into a folder, under their own paths; nothing without a bug. */
export function writeMutated(bug, folder) {
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of bug ? mutated(bug) : []) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}
