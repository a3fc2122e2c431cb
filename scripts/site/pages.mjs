// The pages of the site, in the order of its sidebar. test/site.test.ts compares them with docs/.

export const PAGES = [
  {
    text: 'Begin',
    items: [
      { text: 'Overview', link: '/' },
      { text: 'Which of the three are you', link: '/docs/begin' },
      { text: 'Changes', link: '/CHANGELOG' },
    ],
  },
  {
    text: 'System calls',
    items: [
      { text: 'sys', link: '/docs/posix' },
      { text: 'POSIX AIO', link: '/docs/aio' },
      { text: 'Frames', link: '/docs/frames' },
      { text: 'find', link: '/docs/find' },
      { text: 'trace', link: '/docs/trace' },
      { text: 'The C library', link: '/docs/c' },
      { text: 'Defects of v7', link: '/docs/defects' },
    ],
  },
  { text: 'Struct layouts', items: [{ text: 'syslets/abi', link: '/docs/abi' }] },
  {
    text: 'Stress tests',
    items: [
      { text: 'stress', link: '/docs/stress' },
      { text: 'Scenarios', link: '/docs/scenarios' },
      { text: 'explore', link: '/docs/explore' },
      { text: 'The memory model', link: '/docs/memory-model' },
      { text: 'Linearizability', link: '/docs/linearizability' },
      { text: 'report', link: '/docs/report' },
      { text: 'Campaigns', link: '/docs/campaigns' },
    ],
  },
  {
    text: 'Inside',
    items: [
      { text: 'Architecture', link: '/docs/architecture' },
      { text: 'Planted bugs', link: '/docs/planted' },
      { text: 'Contributing', link: '/CONTRIBUTING' },
      { text: 'Security', link: '/SECURITY' },
    ],
  },
];

/** Entries of the package, each with its part of the API reference. */
export const ENTRIES = ['index', 'abi', 'aio', 'scenario', 'linearizability', 'vitest'];
