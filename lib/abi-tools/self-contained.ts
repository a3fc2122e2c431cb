import { contentOf, type Unit } from './unit.ts';

/**
 * clang keeps what `#pragma clang diagnostic` says of warnings for the sources behind it at the same start.
 * A source that may say it, or includes what may, is no neighbour: it, and what is pasted together, is told by
 * its bytes.
 */
const traces = /diagnostic|include|import|##|\\\r?\n/;

/** The lines that we write ourselves. */
const includeLine = /^#include ["<](.*)[">]$/gm;

/** Whether a source has no effect on others that are compiled behind it. */
export function isSelfContained({ args, source }: Unit): boolean {
  const defines = args.filter((arg) => arg.startsWith('-D'));
  return !defines.some((one) => traces.test(one)) && isPlain(source);
}

function isPlain(source: Unit['source']): boolean {
  if ('file' in source) return isPlainFile(source.file);
  const files = [...source.text.matchAll(includeLine)].map(([, file = '']) => file);
  return files.every(isPlainFile) && !traces.test(source.text.replaceAll(includeLine, ''));
}

/** One that is not there is looked for elsewhere. */
function isPlainFile(file: string): boolean {
  const content = contentOf(file);
  return content !== undefined && !traces.test(content.toString('latin1'));
}
