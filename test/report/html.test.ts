import { readFileSync } from 'node:fs';
import { expect, type TestContext, test } from 'vitest';
import { grade, htmlReport, mergeRuns } from '../../lib/report/index.ts';
import type { ScenarioResult } from '../../lib/report/result.ts';
import { open } from './browser.ts';
import { config, run, scenario, trial } from './data.ts';
import { temporaryFolder, writer } from './files.ts';

const CONTRAST = readFileSync(new URL('contrast.mjs', import.meta.url), 'utf8');
const write = writer(temporaryFolder());

const HOSTILE = `</script></pre><script>document.title='owned'</script><img src=x onerror="document.title='owned'">"'`;

const good = scenario({ name: 'litmus/good', source: 'a' });
const odd = scenario({
  name: 'litmus/odd',
  source: 'b',
  trials: [
    trial({ counts: { '0, 0': 5, '1, 1': 9_999_995 } }),
    trial({ config: { ...config, jit: 'cold' } }),
  ],
});
const bad = scenario({
  name: `ring/bad ${HOSTILE}`,
  file: HOSTILE,
  description: HOSTILE,
  source: `const a = '${HOSTILE}'; // comment\nconst b = 1;\n`,
  actors: [HOSTILE],
  registers: [HOSTILE],
  outcomes: [],
  trials: [
    trial({ counts: { [HOSTILE]: 3 }, command: HOSTILE }),
    trial({
      end: 'threw',
      detail: { message: HOSTILE, actor: HOSTILE, iteration: 7, stack: HOSTILE, stderr: HOSTILE },
      notes: [HOSTILE],
    }),
  ],
});
const absent = scenario({ name: 'signal/absent', trials: [], skipped: HOSTILE });

const ALL = [good, odd, bad, absent];

function page(scenarios: readonly ScenarioResult[] = ALL): string {
  const merged = mergeRuns([[run({ scenarios, notes: [HOSTILE] }), HOSTILE]]);
  return write('report.html', htmlReport(grade(merged)));
}

async function opened(context: TestContext, options = {}) {
  return open(context, page(), options);
}

test('it loads nothing, runs nothing of what it was given, and has no error', async (context) => {
  const { page: shown, errors, requests } = await opened(context);
  expect(requests).toEqual([]);
  expect(errors).toEqual([]);
  expect(await shown.title()).toBe('syslets stress: failed');
  expect(await shown.locator('img').count()).toBe(0);
  expect(await shown.locator('h3').allTextContents()).toContain(`ring/bad ${HOSTILE}`);
});

test('outcomes have their samples, share, grade and reason; what no rule names is whole', async (context) => {
  const { page: shown } = await opened(context);
  const cells = shown.locator('details[data-name="litmus/odd"] .outcomes tbody tr').first();
  await shown.click('#overview a:text("litmus/odd")');
  expect(await cells.locator('th, td').allInnerTexts()).toEqual([
    '0, 0',
    '5',
    '<0.0001 %',
    '',
    'interesting',
    'allowed',
    'both stores were late',
  ]);
  expect(await shown.locator('.outcomes .unlisted code').allTextContents()).toContain(HOSTILE);
});

test('the filter shows by words of the name and by verdict, and says how many', async (context) => {
  const { page: shown } = await opened(context);
  const names = () =>
    shown
      .locator('details.scenario:not([hidden])')
      .evaluateAll((list) => list.map((one) => one.getAttribute('data-name')?.slice(0, 12)));
  expect(await names()).toEqual(['ring/bad </s', 'litmus/odd', 'litmus/good', 'signal/absen']);
  await shown.keyboard.press('/');
  await shown.keyboard.type('LIT /od');
  expect(await names()).toEqual(['litmus/odd']);
  expect(await shown.locator('#shown').innerText()).toBe('1 of 4 shown');
  await shown.keyboard.press('Escape');
  await shown.click('button[data-verdict="passed"]');
  await shown.click('button[data-verdict="not run"]');
  expect(await names()).toEqual(['ring/bad </s', 'litmus/odd']);
  expect(await shown.locator('#overview tbody tr:visible').count()).toBe(2);
  await shown.fill('#name', 'nothing has this name');
  expect(await shown.locator('#none').isVisible()).toBe(true);
});

test('the heads of the overview sort it and the sections, both ways', async (context) => {
  const { page: shown } = await opened(context);
  const order = async () => [
    await shown.locator('#overview tbody a').allInnerTexts(),
    await shown.locator('#scenarios h3').allTextContents(),
  ];
  const by = (name: string) => shown.click(`#overview thead button:text-is("${name}")`);
  await by('Scenario');
  const names = ['litmus/good', 'litmus/odd', `ring/bad ${HOSTILE}`, 'signal/absent'];
  expect(await order()).toEqual([names, names]);
  expect(await shown.locator('th[aria-sort="ascending"]').innerText()).toContain('Scenario');
  await by('Scenario');
  expect((await order())[0]).toEqual([...names].reverse());
  await by('Samples');
  expect((await order())[0]?.[0]).toBe('litmus/odd');
});

test('all of it works with the keyboard alone', async (context) => {
  const { page: shown } = await opened(context);
  await shown.locator('#overview a:text("litmus/good")').focus();
  await shown.keyboard.press('Enter');
  const section = shown.locator('details[data-name="litmus/good"]');
  await expect.poll(() => section.getAttribute('open')).not.toBeNull();
  await expect.poll(() => section.locator('> summary:focus').count()).toBe(1);
  await shown.keyboard.press('Enter');
  await expect.poll(() => section.getAttribute('open')).toBeNull();
  await shown.locator('button[data-verdict="passed"]').focus();
  await shown.keyboard.press('Space');
  await expect.poll(() => section.isVisible()).toBe(false);
});

test('every control has a name, every table its heads, every picture a text', async (context) => {
  const { page: shown } = await opened(context);
  const controls = shown.locator('button, input, svg[role=img]');
  const nameless = await controls.evaluateAll((all) =>
    all
      .filter((one) => {
        const label = one.getAttribute('aria-label') ?? one.closest('label')?.textContent;
        return !(label?.trim() || one.textContent?.trim());
      })
      .map((one) => one.outerHTML),
  );
  expect(nameless).toEqual([]);
  expect(await shown.locator('table:not(:has(thead th[scope=col]))').count()).toBe(0);
  expect(await shown.locator('html[lang=en]').count()).toBe(1);
});

test.for(['light', 'dark'] as const)(
  'text can be read in %s: contrast 4.5 or more',
  async (colorScheme, context) => {
    const { page: shown } = await open(context, page(), { colorScheme });
    await shown.click('#open-all');
    const { ratio, text } = await shown.evaluate<{ ratio: number; text: string }>(CONTRAST);
    expect(ratio, text).toBeGreaterThanOrEqual(4.5);
  },
);

test('the switch goes through system, light and dark', async (context) => {
  const { page: shown } = await open(context, page(), { colorScheme: 'dark' });
  const colour = () => shown.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  const system = await colour();
  await shown.click('#theme');
  expect(await colour()).not.toBe(system);
  await shown.click('#theme');
  expect(await colour()).toBe(system);
});

test('logarithmic bars make what is rare wide', async (context) => {
  const { page: shown } = await opened(context);
  await shown.click('#overview a:text("litmus/odd")');
  const bar = shown.locator('details[data-name="litmus/odd"] rect.interesting[data-log]');
  const width = async () => Number(await bar.getAttribute('width'));
  expect(await width()).toBeLessThan(1);
  await shown.check('#log');
  expect(await width()).toBeGreaterThan(20);
  expect(await width()).toBeLessThan(50);
});

test('a phone shows it without scrolling the whole page sideways', async (context) => {
  const { page: shown } = await open(context, page(), { width: 390, height: 800 });
  await shown.click('#open-all');
  expect(await shown.evaluate('document.documentElement.scrollWidth')).toBe(390);
});

test('it can be read without its script', async (context) => {
  const { page: shown } = await open(context, page(), { javaScriptEnabled: false });
  expect(await shown.locator('#overview tbody tr').count()).toBe(4);
  await shown.click('#scenario-3 > summary');
  expect(await shown.locator('#scenario-3 .outcomes').isVisible()).toBe(true);
});

test('an empty report is a page too', async (context) => {
  const { errors, page: shown } = await open(context, page([]));
  expect(errors).toEqual([]);
  expect(await shown.locator('h1').innerText()).toBe('Stress report');
});
