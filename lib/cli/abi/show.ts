import { resolveMaybe } from '../../abi/index.ts';
import { showJson, showText } from '../../abi-tools/show.ts';
import { targetLabel } from '../../abi-tools/spec.ts';
import { type CommonOptions, chosenType, print, printJson } from './options.ts';

/** `syslets abi show`. */
export async function show(name: string, options: CommonOptions): Promise<void> {
  const { type, chosen } = await chosenType(name, options);
  const present = chosen.filter((target) => resolveMaybe(type, target));
  const missing = chosen.filter((target) => !present.includes(target)).map(targetLabel);
  if (options.json) {
    printJson({ layouts: present.map((target) => showJson(type, target)), missing });
    return;
  }
  const texts = present.map((target) => showText(type, target));
  print([...texts, ...missing.map((label) => `/* does not exist on ${label} */`)].join('\n\n'));
}
