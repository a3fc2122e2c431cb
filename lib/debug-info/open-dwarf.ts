import { UserError } from '../user-error.ts';
import { readsOf } from './binary-file.ts';
import type { DebugTypes } from './debug-type.ts';
import { readDwarf } from './dwarf.ts';
import { hasDwarf, openSections } from './dwarf-sections.ts';
import { readElfHeader } from './elf-sections.ts';
import { alternateOf, separateDebug } from './separate-debug.ts';

/** The DWARF of an ELF file, or of the separate file that it names; undefined if there is none. */
export function openDwarf(
  file: string,
  onProgress?: (fraction: number) => void,
): DebugTypes | undefined {
  const read = readsOf(file);
  const header = readElfHeader(read, file);
  const from = hasDwarf(header) ? file : separateDebug(read, header, file);
  if (from === undefined) return undefined;
  const reads = from === file ? read : readsOf(from);
  const own = from === file ? header : readElfHeader(reads, from);
  if (!hasDwarf(own)) return undefined;
  if (own.machine !== header.machine || own.is64 !== header.is64) {
    throw new UserError(`${from}, the debug file of ${file}, is for another machine`);
  }
  const link = alternateOf(reads, own, from);
  const progress = onProgress ? { onProgress } : {};
  const sections = openSections(reads, from);
  if (!link) return readDwarf(sections, from, progress);
  if (link.file === undefined) {
    throw new UserError(
      `${from} shares types with other programs through '${link.name}' (dwz's alternate file), which is not there: install the package of debug files that has it`,
    );
  }
  const alternate = openSections(readsOf(link.file), link.file);
  return readDwarf(sections, from, { ...progress, alternate });
}
