import { createHash } from 'node:crypto';
import { clientFile } from './client-file.ts';
import { html, scriptJson } from './escape.ts';

/** The pages that `npm run build:ts` makes scripts and style sheets for. */
export type PageName = 'report' | 'trace';

export interface Page {
  readonly name: PageName;
  readonly title: string;
  /** Markup, escaped by whoever made it. */
  readonly body: string;
  /** What the page's script reads. */
  readonly data: unknown;
}

/**
 * One HTML file without anything outside of itself, which opens from a disk as from a server.
 *
 * Its policy lets the browser run this script alone and load nothing, so that a name which slipped
 * through the escaping could still do nothing.
 */
export function htmlPage({ name, title, body, data }: Page): string {
  const script = clientFile(`${name}-page.js`);
  const style = clientFile('page.css') + clientFile(`${name}-page.css`);
  const digest = createHash('sha256').update(script).digest('base64');
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${html(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${html(title)}</title>
<style>
${style}</style>
</head>
<body>
${body}
<script type="application/json" id="data">${scriptJson(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}
