// Configuration of VitePress, which scripts/site.mjs copies to scripts/site/build/.vitepress.

import { ENTRIES, PAGES } from './pages.mjs';

const nameOf = (entry) => (entry === 'index' ? 'syslets' : `syslets/${entry}`);

const API = {
  text: 'API reference',
  collapsed: true,
  items: [
    { text: 'All entries', link: '/api/' },
    ...ENTRIES.map((entry) => ({
      text: nameOf(entry),
      link: entry === 'index' ? '/api/index/' : `/api/${entry}`,
    })),
  ],
};

// biome-ignore lint/style/noDefaultExport: VitePress reads it
export default {
  title: 'syslets',
  description: 'Syslets v7 in user space, for Node.js',
  lang: 'en',
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: '/icon.svg' }]],
  srcDir: 'pages',
  // a page of docs/ is text alone: what looks like a tag is one of TypeScript or of a shell
  markdown: { html: false },
  themeConfig: {
    nav: [
      { text: 'Which of the three are you', link: '/docs/begin' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: [...PAGES, API],
    outline: [2, 3],
    search: { provider: 'local' },
  },
};
