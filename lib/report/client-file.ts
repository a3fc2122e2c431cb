import { readFileSync } from 'node:fs';

/**
 * A script or style sheet of an HTML page. From dist/, where they are built; sources that run as
 * they are take them from there too. In the package they are part of this module (scripts/bundle).
 */
export function clientFile(name: string): string {
  const here = import.meta.url.endsWith('.ts') ? '../../dist/report/client/' : './client/';
  const file = new URL(here + name, import.meta.url);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${file.pathname} is not there: npm run build:ts makes it`, { cause: error });
  }
}
