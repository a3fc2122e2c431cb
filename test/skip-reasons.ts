import type { Reporter, TestModule } from 'vitest/node';

/** Prints each skipped test with the reason that it gave: a silent skip hides a hole. */
export class SkipReasons implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const { note } = test.result() as { readonly note?: string };
        console.log(`skipped: ${test.fullName}: ${note ?? 'NO REASON GIVEN'}`);
      }
    }
  }
}
