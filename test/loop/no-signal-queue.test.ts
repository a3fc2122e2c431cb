import { expect, test } from 'vitest';
import { script } from './script.ts';

/** glibc tells a setuid by a signal that Linux has to queue; without room it tells nobody. */
test.for([
  ['sys.detach()', 'sys.detach();'],
  ['the end of the process', ''],
])(
  'ids that change while no signal can be queued are those of calls, and of %s',
  async ([, end], { skip }) => {
    skip(process.getuid?.() !== 0, 'only root can change its ids');
    const ended = await script(`
    const SIGPENDING = 11;
    const sleeps = () => Promise.all([1, 2, 3].map(() => sys.nanosleep.async(20)));
    sys.nanosleep.sync(5); // JavaScript is on another thread now
    await sleeps();
    sys.call.sync('prlimit64', 0, SIGPENDING, new BigUint64Array([0n, 0n]), null);
    process.setgroups([]);
    process.setgid(65534);
    process.setuid(65534);
    print((await sleeps()).join(' '));
    sys.nanosleep.sync(5);
    print(String(sys.call.sync('getuid') === process.getuid()));
    ${end}
  `);
    expect(ended).toMatchObject({ code: 0, signal: null, stderr: '', stdout: '0 0 0\ntrue\n' });
  },
);
