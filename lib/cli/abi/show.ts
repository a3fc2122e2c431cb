import { resolveMaybe } from '../../abi/index.ts';
import { showJson, showText } from '../../abi-tools/show.ts';
import { parseSpec, targetLabel, typeOf } from '../../abi-tools/spec.ts';
import {
  type CommonOptions,
  chosenTargets,
  hostTarget,
  importOptions,
  print,
  printJson,
} from './options.ts';

/** `syslets abi show`. */
export async function show(name: string, options: CommonOptions): Promise<void> {
  const spec = parseSpec(name);
  const chosen = chosenTargets(options.target, [spec.target ?? hostTarget()]);
  const type = await typeOf(spec, chosen, importOptions(options));
  const present = chosen.filter((target) => resolveMaybe(type, target));
  const missing = chosen.filter((target) => !present.includes(target)).map(targetLabel);
  if (options.json) {
    printJson({ layouts: present.map((target) => showJson(type, target)), missing });
    return;
  }
  const texts = present.map((target) => showText(type, target));
  print([...texts, ...missing.map((label) => `/* does not exist on ${label} */`)].join('\n\n'));
}
