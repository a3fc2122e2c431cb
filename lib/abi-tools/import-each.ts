import type { Target } from '../abi/index.ts';
import { isBinary } from '../debug-info/binary-file.ts';
import { firstError } from './compilers.ts';
import { importBinary, openBinary } from './import-binary.ts';
import { type ImportOptions, importFor, type TargetImport } from './import-header.ts';
import { inOrder } from './in-order.ts';
import { HeaderError } from './read-header.ts';

/**
 * Imports a header or a binary for each target. One for which that cannot be done is left out, and `onSkipped`
 * told of it, as long as there is another.
 */
export async function importEach(
  file: string,
  targets: readonly Target[],
  options: ImportOptions = {},
): Promise<TargetImport[]> {
  if (isBinary(file)) {
    const { format, onProgress } = options;
    return targets.map((target) => {
      const progress = (fraction: number) => onProgress?.(target.name, fraction);
      const opened = openBinary(file, target, {
        ...(format ? { format } : {}),
        onProgress: progress,
      });
      return importBinary(opened, options);
    });
  }
  const imports: TargetImport[] = [];
  const skipped: [Target, HeaderError][] = [];
  const all = targets.map(async (target) => {
    return [target, await importOrError(file, target, options)] as const;
  });
  for (const [target, made] of await inOrder(all)) {
    if (made instanceof HeaderError) skipped.push([target, made]);
    else imports.push(made);
  }
  const [first] = skipped;
  if (first && imports.length === 0) throw first[1];
  for (const [target, { message }] of skipped) options.onSkipped?.(target, firstError(message));
  return imports;
}

async function importOrError(file: string, target: Target, options: ImportOptions) {
  try {
    return await importFor(file, target, options);
  } catch (error) {
    if (error instanceof HeaderError) return error;
    throw error;
  }
}
