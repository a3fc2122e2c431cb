import { spawnSync } from 'node:child_process';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, type TestContext } from 'vitest';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A browser of this machine: SYSLETS_CHROMIUM, else the first of these names in PATH. */
function executable(): string | undefined {
  if (process.env.SYSLETS_CHROMIUM) return process.env.SYSLETS_CHROMIUM;
  const found = spawnSync('which', NAMES, { encoding: 'utf8' }).stdout ?? '';
  return found.split('\n').find((path) => path !== '');
}

const path = executable();
let browser: Browser | undefined;
afterAll(() => browser?.close());

export interface OpenOptions {
  readonly colorScheme?: 'light' | 'dark';
  readonly javaScriptEnabled?: boolean;
  readonly width?: number;
  readonly height?: number;
}

/** What a page did that a self-contained one does not. */
export interface Opened {
  readonly page: Page;
  readonly errors: readonly string[];
  readonly requests: readonly string[];
}

/** Opens a file as a user does, from the disk; skips the test where there is no browser. */
export async function open(
  context: TestContext,
  file: string,
  { width = 1300, height = 900, ...options }: OpenOptions = {},
): Promise<Opened> {
  context.skip(path === undefined, 'no Chromium is installed');
  // a container's root has no sandbox of its own to give
  const args = ['--no-sandbox', '--disable-gpu'];
  browser ??= await chromium.launch({ executablePath: path ?? '', args });
  const page = await browser.newPage({ viewport: { width, height }, ...options });
  const errors: string[] = [];
  const requests: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(`file://${file}`);
  return { page, errors, requests: requests.slice(1) };
}
