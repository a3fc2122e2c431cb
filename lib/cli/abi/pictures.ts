import { writeFileSync } from 'node:fs';
import { diagramSvg } from '../../abi-tools/diagram-svg.ts';
import { diagramText } from '../../abi-tools/diagram-text.ts';
import { bytesToDump, dumpText, requireFew } from '../../abi-tools/dump.ts';
import { exportHeader } from '../../abi-tools/export-c.ts';
import { readPart } from '../../abi-tools/file-part.ts';
import { withoutKind } from '../../abi-tools/import-header.ts';
import { parseSpec } from '../../abi-tools/spec.ts';
import { UserError } from '../../user-error.ts';
import { type CommonOptions, chosenType, print } from './options.ts';

export interface DiagramOptions extends CommonOptions {
  readonly svg?: boolean;
  readonly output?: string;
}

function write(text: string, output: string | undefined): void {
  if (output === undefined) print(text);
  else writeFileSync(output, text);
}

const otherPicture = /\.(?:png|jpe?g|gif|webp|bmp|tiff?|pdf|e?ps|avif|ico)$/i;

/** `syslets abi diagram`. */
export async function diagram(name: string, options: DiagramOptions): Promise<void> {
  if (otherPicture.test(options.output ?? '')) {
    throw new UserError(
      `${options.output}: a diagram is text or SVG: name a file that ends in .svg, and let another program convert it`,
    );
  }
  const { type, chosen } = await chosenType(name, options);
  const isSvg = options.svg === true || /\.svg$/i.test(options.output ?? '');
  write(isSvg ? diagramSvg(type, chosen) : diagramText(type, chosen), options.output);
}

/** `syslets abi export`. */
export async function exportType(name: string, options: DiagramOptions): Promise<void> {
  const { type, chosen } = await chosenType(name, options);
  write(exportHeader(type, chosen, withoutKind(parseSpec(name).type ?? '')), options.output);
}

export interface DumpCommandOptions extends CommonOptions {
  readonly at?: string;
  readonly count?: string;
}

/** `syslets abi dump`. */
export async function dump(name: string, file: string, options: DumpCommandOptions): Promise<void> {
  const { type, chosen } = await chosenType(name, options);
  const place = { at: whole(options.at, 0, '--at'), count: whole(options.count, 1, '--count', 1) };
  for (const target of chosen) requireFew(type, target, place);
  const most = Math.max(...chosen.map((target) => bytesToDump(type, target, place)));
  const part = readPart(file === '-' ? 0 : file, place.at, most);
  print(chosen.map((target) => dumpText(type, target, part, place)).join('\n\n'));
}

function whole(text: string | undefined, otherwise: number, name: string, least = 0): number {
  const value = text === undefined ? otherwise : Number(text.trim() || Number.NaN);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new UserError(`${name} ${text}: expected an integer from ${least} up`);
}
