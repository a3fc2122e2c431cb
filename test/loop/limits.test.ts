import { expect, test } from 'vitest';
import { script } from './script.ts';

// 40 threads of a user who has no others: Node's own are a dozen
const LIMITED = `
  const RLIMIT_NPROC = 6;
  sys.call.sync('prlimit64', 0, RLIMIT_NPROC, new BigUint64Array([40n, 40n]), 0);
  sys.detach();
  if (process.getuid() === 0) process.setuid(65534);
`;

test('the thread limit: a hundred calls that block under RLIMIT_NPROC 40 all end, in a queue', async () => {
  const ended = await script(`${LIMITED}
    const [from, to] = pipe();
    let done = 0;
    const reads = Array.from({ length: 100 }, () =>
      sys.read.async(from, Buffer.alloc(1)).then((count) => { done += count; }));
    const { inFlight, waiting } = sys.counters();
    print(JSON.stringify({ inFlight: inFlight > 4 && inFlight <= 18, all: inFlight + waiting }));
    for (let i = 0; i < 100; i++) {
      await sys.write(to, Buffer.from('x'));
      if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(reads);
    print(String(done));
  `);
  expect(ended).toMatchObject({
    code: 0,
    signal: null,
    stderr: '',
    stdout: '{"inFlight":true,"all":100}\n100\n',
  });
});
