import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { TraceData } from '../../lib/report/trace-data.ts';
import { traceHtml } from '../../lib/report/trace-html.ts';
import { open } from './browser.ts';
import { temporaryFolder, writer } from './files.ts';
import { simulate } from './trace-simulator.ts';

const write = writer(temporaryFolder());
const CONTRAST = readFileSync(new URL('contrast.mjs', import.meta.url), 'utf8');
const { trace, moves } = simulate({ seed: 3, contexts: 2, calls: 30 });

function page(of: TraceData = trace): string {
  return write('trace.html', traceHtml(of));
}

type Seen = [from: number, to: number];

const DRAWN = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))';

/** What is seen, in nanoseconds, once it is drawn. */
async function view(shown: Page): Promise<Seen> {
  await shown.evaluate(DRAWN);
  const root = shown.locator('#timeline');
  return [Number(await root.getAttribute('data-from')), Number(await root.getAttribute('data-to'))];
}

/** The same after a movement of the mouse, which the page hears of when it can. */
async function changed(shown: Page, before: Seen): Promise<Seen> {
  await expect.poll(() => view(shown)).not.toEqual(before);
  return view(shown);
}

const selection = (shown: Page) => shown.locator('#selection').innerText();

/** How many colours a canvas holds: one that nobody drew on has one. */
const coloursOf = (id: string) => `(() => {
  const canvas = document.getElementById('${id}');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4) seen.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
  return seen.size;
})()`;

test('it loads nothing, has no error, and draws', async (context) => {
  const { page: shown, errors, requests } = await open(context, page());
  await view(shown);
  expect({ errors, requests }).toEqual({ errors: [], requests: [] });
  expect(await shown.title()).toBe('syslets trace: node walk.mjs /usr');
  expect(await shown.evaluate(coloursOf('lanes'))).toBeGreaterThan(20);
  expect(await shown.evaluate(coloursOf('overview'))).toBeGreaterThan(2);
  expect(await shown.locator('header .facts').innerText()).toContain(`${moves} hand-offs`);
});

test('n and p go through the hand-offs, and say from which thread to which', async (context) => {
  const { page: shown } = await open(context, page());
  await shown.locator('#timeline').focus();
  await shown.keyboard.press('n');
  expect(await selection(shown)).toMatch(
    new RegExp(
      `^hand-off 1 of ${moves}: context .+\\nfrom .+ \\(thread \\d+\\) in \\w+ to .+ \\(thread \\d+\\) · left at`,
    ),
  );
  for (let i = 1; i < moves + 3; i++) await shown.keyboard.press('n');
  expect(await selection(shown)).toContain(`hand-off ${moves} of ${moves}`);
  await shown.keyboard.press('p');
  expect(await selection(shown)).toContain(`hand-off ${moves - 1} of ${moves}`);
  await shown.keyboard.press('Escape');
  expect(await selection(shown)).toContain('Nothing is selected');
});

test('keys zoom, move and show the whole again', async (context) => {
  const { page: shown } = await open(context, page());
  const whole = await view(shown);
  await shown.keyboard.press('+');
  const half = await view(shown);
  expect(half[1] - half[0]).toBeCloseTo((whole[1] - whole[0]) / 2, -1);
  await shown.keyboard.press('ArrowLeft');
  expect((await view(shown))[0]).toBeLessThan(half[0]);
  await shown.keyboard.press('-');
  await shown.keyboard.press('-');
  expect(await view(shown)).toEqual(whole);
  await shown.keyboard.press('n');
  await shown.keyboard.press('Enter');
  const [from, to] = await view(shown);
  expect(to - from).toBeLessThan(10_000);
  await shown.keyboard.press('0');
  expect(await view(shown)).toEqual(whole);
});

test('the wheel zooms where the mouse is, a drag moves, a double click zooms in', async (context) => {
  const { page: shown } = await open(context, page(), { height: 1200 });
  const whole = await view(shown);
  const box = (await shown.locator('#lanes').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const [x, y] = [box.x + box.width * 0.6, box.y + 10];
  await shown.mouse.move(x, y);
  await shown.mouse.wheel(0, -600);
  const near = await changed(shown, whole);
  expect(near[1] - near[0]).toBeLessThan((whole[1] - whole[0]) / 2);
  expect(near[0]).toBeGreaterThan(whole[0]);
  await shown.mouse.down();
  await shown.mouse.move(x - 200, y, { steps: 4 });
  await shown.mouse.up();
  const moved = await changed(shown, near);
  expect(moved[0]).toBeGreaterThan(near[0]);
  await shown.mouse.dblclick(x, y);
  const nearer = await changed(shown, moved);
  expect(nearer[1] - nearer[0]).toBeLessThan(near[1] - near[0]);
});

test('what the mouse is over has a tip, and a click selects it', async (context) => {
  const one = simulate({ seed: 12, calls: 1 }).trace;
  const { page: shown } = await open(context, page(one));
  await view(shown);
  const box = (await shown.locator('#lanes').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const call = one.events.find(({ kind }) => kind === 'enter');
  for (let x = box.x + 220; x < box.x + box.width; x += 4) {
    await shown.mouse.move(x, box.y + 45);
    await view(shown);
    if (await shown.locator('#tip').isVisible()) break;
  }
  expect(await shown.locator('#tip').innerText()).toContain(`${call?.call} on node (thread 1000)`);
  await shown.mouse.down();
  await shown.mouse.up();
  expect(await selection(shown)).toContain(`${call?.call} on node (thread 1000)`);
  await shown.mouse.move(box.x + 5, box.y + 5);
  await expect.poll(() => shown.locator('#tip').isVisible()).toBe(false);
});

test('calls are found by name, and j and k go through those alone', async (context) => {
  const { page: shown } = await open(context, page());
  const count = trace.events.filter(({ call }) => call === 'openat').length;
  await shown.keyboard.press('/');
  await shown.keyboard.type('openat');
  expect(await shown.locator('#found').innerText()).toBe(`${count} found`);
  await shown.keyboard.press('Enter');
  for (let i = 0; i < 3; i++) {
    expect(await selection(shown)).toMatch(/^openat on /);
    await shown.keyboard.press('j');
  }
});

test('threads to which nothing happened are hidden, unless they are wanted', async (context) => {
  const idle = { context: 0, task: 99, tid: 4242, name: 'node/99' };
  const { page: shown } = await open(context, page({ ...trace, tasks: [...trace.tasks, idle] }));
  const height = () => shown.locator('#space').evaluate((space) => space.style.height);
  await view(shown);
  const without = Number.parseInt(await height(), 10);
  await shown.check('#idle');
  await view(shown);
  expect(Number.parseInt(await height(), 10) - without).toBe(38);
});

test('the table of calls has each name with its counts', async (context) => {
  const { page: shown } = await open(context, page());
  await shown.click('#calls summary');
  const names = await shown.locator('#calls tbody th').allInnerTexts();
  const made = new Set(trace.events.flatMap(({ call }) => call ?? []));
  expect([...names].sort()).toEqual([...made].sort());
});

const HOSTILE = `</script><script>document.title='owned'</script><img src=x onerror="document.title='owned'">`;

test('names cannot do anything', async (context) => {
  const hostile = {
    ...trace,
    process: { ...trace.process, command: HOSTILE },
    contexts: trace.contexts.map((one) => ({ ...one, name: HOSTILE })),
    tasks: trace.tasks.map((one) => ({ ...one, name: HOSTILE })),
    events: trace.events.map((one) => (one.call === undefined ? one : { ...one, call: HOSTILE })),
  };
  const { page: shown, errors } = await open(context, page(hostile));
  await shown.keyboard.press('n');
  expect(await selection(shown)).toContain(HOSTILE);
  expect(errors).toEqual([]);
  expect(await shown.title()).toBe(`syslets trace: ${HOSTILE}`);
  expect(await shown.locator('img').count()).toBe(0);
});

test('events that were lost are said', async (context) => {
  const [first, ...others] = trace.tasks;
  if (!first) throw new Error('no task');
  const { page: shown } = await open(
    context,
    page({ ...trace, tasks: [{ ...first, lost: 7 }, ...others] }),
  );
  expect(await shown.locator('.lost').innerText()).toBe(
    '7 events found no room and are missing: what is drawn has gaps.',
  );
});

test.for(['light', 'dark'] as const)(
  'text can be read in %s: contrast 4.5 or more',
  async (colorScheme, context) => {
    const { page: shown } = await open(context, page(), { colorScheme });
    await shown.click('#keys summary');
    await shown.click('#calls summary');
    const { ratio, text } = await shown.evaluate<{ ratio: number; text: string }>(CONTRAST);
    expect(ratio, text).toBeGreaterThanOrEqual(4.5);
  },
);

test('every control has a name, and the timeline says what it is', async (context) => {
  const { page: shown } = await open(context, page());
  for (const name of ['Zoom in', 'Zoom out', 'Fit', '◀ Hand-off', 'Hand-off ▶', /^Theme/]) {
    expect(await shown.getByRole('button', { name, exact: true }).count()).toBe(1);
  }
  const root = shown.locator('#timeline');
  expect(await root.getAttribute('aria-label')).toMatch(
    /^Timeline: \d+ threads, \d+ calls, \d+ hand-offs/,
  );
  expect(await root.getAttribute('tabindex')).toBe('0');
});

test('an empty trace is a page too', async (context) => {
  const empty = { ...trace, events: [], tasks: [], contexts: [] };
  const { page: shown, errors } = await open(context, page(empty));
  await shown.keyboard.press('n');
  await shown.keyboard.press('j');
  await shown.keyboard.press('+');
  await view(shown);
  expect(errors).toEqual([]);
});
