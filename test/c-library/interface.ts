import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// The public headers, as text: what they declare is what libraries export and man pages describe.

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const HEADERS = ['syslets.h', 'submit.h', 'abi.h', 'counters.h', 'trace.h'] as const;

/** Return functions of frames: no C function's declaration, since they are never called. */
export const RETURN_FUNCTIONS = ['syslet_exit', 'syslet_park'];

export interface Prototype {
  readonly name: string;
  readonly header: string;
  /** With single spaces, none inside of parentheses' edges, `*` at the name. */
  readonly text: string;
}

export const oneLine = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/\( /g, '(')
    .replace(/ ([,;)])/g, '$1')
    .replace(/\* /g, '*')
    .trim();

export function headerText(header: string): string {
  return readFileSync(`${ROOT}/native/include/syslets/${header}`, 'utf8');
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^#(.*\\\n)*.*$/gm, '');
}

export function prototypes(): Prototype[] {
  return HEADERS.flatMap((header) =>
    [
      ...withoutComments(headerText(header)).matchAll(
        /^((?:const |struct |enum )*\w+[ \t]+\**)(syslet_\w+)(\([^;{]*\);)/gm,
      ),
    ].map(([text, , name]) => ({ name: name as string, header, text: oneLine(text) })),
  );
}

/** What libsyslets.map lets out. */
export function exported(): string[] {
  const text = readFileSync(`${ROOT}/native/libsyslets.map`, 'utf8');
  return [...text.matchAll(/^\t(syslet_\w+);$/gm)].map(([, name]) => name as string);
}
