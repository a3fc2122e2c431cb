import { errorName, errorText } from '../errors.ts';
import type { WalkFailure } from '../walk/index.ts';

const WHAT = { lstat: 'cannot look at', open: 'cannot open', read: 'cannot read' } as const;

/** A line for people: bytes that are no text, and control characters, are shown as \xNN. */
export function failureLine({ path, action, errno }: WalkFailure): string {
  const why = `${errorName(errno)}, ${errorText(errno)}`;
  return `syslets find: ${WHAT[action]} '${shownPath(path)}': ${why}\n`;
}

export function shownPath(path: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(path);
    return text.replace(/[\p{Cc}\\']/gu, escaped);
  } catch {
    return Buffer.from(path)
      .toString('latin1')
      .replace(/[^ -&(-[\]-~]/g, escaped);
  }
}

function escaped(character: string): string {
  if (character === '\\' || character === "'") return `\\${character}`;
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
