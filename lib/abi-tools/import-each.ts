import type { Target } from '../abi/index.ts';
import { isBinary } from '../debug-info/binary-file.ts';
import { firstError } from './compilers.ts';
import { importBinary, openBinary } from './import-binary.ts';
import { type ImportOptions, importFor, type TargetImport } from './import-header.ts';
import { HeaderError } from './read-header.ts';

/**
 * Imports a header or a binary for each target. With `onSkipped`, a target for which that cannot be done is
 * told there and left out, as long as there is another.
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
  for (const target of targets) {
    try {
      imports.push(await importFor(file, target, options));
    } catch (error) {
      if (!(error instanceof HeaderError)) throw error;
      if (!options.onSkipped) throw targets.length > 1 ? ofTarget(target, error) : error;
      skipped.push([target, error]);
    }
  }
  const [first] = skipped;
  if (first && imports.length === 0) throw first[1];
  for (const [target, { message }] of skipped) options.onSkipped?.(target, firstError(message));
  return imports;
}

function ofTarget(target: Target, { message }: HeaderError): HeaderError {
  return new HeaderError(`it cannot be read for ${target.name}:\n${message}`);
}
