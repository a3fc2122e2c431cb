import { constants } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { endlessPatterns, PATTERNS_MS } from './check-patterns.ts';
import { checkRun, HeaderError, ShapeError } from './check-result.ts';
import { RESULT_FORMAT, RESULT_VERSION, type RunResult } from './result.ts';
import { ResultFileError } from './result-error.ts';
import { TRACE_FORMAT } from './trace-data.ts';

/** Longest text that the engine holds; some 512 MB. */
const MOST_BYTES = constants.MAX_STRING_LENGTH;
const GIVE = 'give the files that `syslets stress` wrote';
const [QUOTE, BACKSLASH, BRACKET, BRACE] = [0x22, 0x5c, 0x5b, 0x7b];
const AGAIN = 'copy it again, or run `syslets stress` again';

/** Reads and checks a file that `syslets stress` wrote; throws ResultFileError. */
export function readResult(file: string): RunResult {
  const text = readText(file);
  if (text.trim() === '') throw new ResultFileError(file, 'is empty', AGAIN);
  const run = checked(file, parse(file, text));
  const endless = endlessPatterns(run);
  if (endless === undefined) return run;
  throw new ResultFileError(
    file,
    `has patterns in the table of ${JSON.stringify(endless)} that need more than ${PATTERNS_MS / 1000} s for its outcomes`,
    'write them without repetitions of repetitions, and run `syslets stress` again',
  );
}

function readText(file: string): string {
  try {
    // Node reads the whole of a file before it finds that no string can hold it
    if (statSync(file).size > MOST_BYTES) throw new ResultFileError(file, ...TOO_LONG);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof ResultFileError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ResultFileError(
      file,
      ...(REASONS[code ?? ''] ?? [`cannot be read: ${message}`, GIVE]),
    );
  }
}

const TOO_LONG: [string, string] = [
  `is longer than ${Math.round(MOST_BYTES / 2 ** 20)} MB`,
  'make several shorter runs (--shard, --time) and give all their files',
];
const REASONS: Readonly<Record<string, [string, string]>> = {
  ENOENT: ['is not there', GIVE],
  EISDIR: ['is a directory', `${GIVE}: DIRECTORY/*.json`],
  EACCES: ['may not be read by this user', 'change its permissions, or run as its owner'],
};

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!text.slice(0, 200).includes(`"${RESULT_FORMAT}"`)) {
      throw new ResultFileError(file, 'is no JSON', GIVE);
    }
    const length = Buffer.byteLength(text);
    const wrong = isCut(text)
      ? `is truncated: it ends after ${length} bytes in the middle of the data`
      : `is damaged: ${(error as Error).message}`;
    throw new ResultFileError(file, wrong, AGAIN);
  }
}

/** Whether the text ends inside a string, an object or a list. */
function isCut(text: string): boolean {
  let open = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (inString && char === BACKSLASH) i++;
    else if (char === QUOTE) inString = !inString;
    else if (!inString && (char === BRACE || char === BRACKET)) open++;
    else if (!inString && (char === BRACE + 2 || char === BRACKET + 2)) open--;
  }
  return inString || open > 0;
}

function checked(file: string, value: unknown): RunResult {
  try {
    return checkRun(value);
  } catch (error) {
    if (error instanceof HeaderError) throw headerError(file, value, error);
    if (!(error instanceof ShapeError)) throw error;
    throw new ResultFileError(file, `is damaged: ${error.message}`, AGAIN);
  }
}

function headerError(file: string, value: unknown, { isOurs, message }: HeaderError): Error {
  const { version, tool, format } = Object(value) as Record<string, unknown>;
  if (isOurs) {
    const by = typeof tool === 'string' ? `, written by syslets ${tool}` : '';
    const remedy =
      typeof version === 'number' && version > RESULT_VERSION
        ? 'report it with that version of syslets, or a newer one'
        : 'run `syslets stress` of this version again';
    return new ResultFileError(file, `is of another version${by}: ${message}`, remedy);
  }
  const isTrace = format === TRACE_FORMAT;
  return isTrace
    ? new ResultFileError(file, 'is a trace, no result of a stress run', GIVE)
    : new ResultFileError(file, `is not a result of \`syslets stress\`: ${message}`, GIVE);
}
