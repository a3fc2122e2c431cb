import { oneLine, workflowText } from './escape.ts';
import { failureText } from './failure-text.ts';
import type { Report } from './grade.ts';

/** Workflow commands, one for each scenario that failed: GitHub shows them beside the code. */
export function annotations({ scenarios }: Report): string[] {
  return scenarios
    .filter(({ verdict }) => verdict === 'failed' || verdict === 'inconclusive')
    .map((scenario) => {
      const { title, files, rerun } = scenario;
      const file = workflowText(oneLine(files[0] ?? ''));
      const text = rerun === undefined ? [] : [`again: ${rerun}`];
      const message = [failureText(scenario), ...text].join('\n');
      return `::error file=${file},title=${workflowText(oneLine(title))}::${workflowText(message)}`;
    });
}
