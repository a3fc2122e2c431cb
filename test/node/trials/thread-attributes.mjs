const NR = { setpriority: 141n, prctl: 157n, schedSetaffinity: 203n, ioprioSet: 251n };
const PR_GET_SECUREBITS = 27;
const PR_SET_SECUREBITS = 28;
const NO_SETUID_FIXUP = 4;
const LOWEST_BEST_EFFORT = (2 << 13) | 7;

/** Set once; then read on each OS thread that carries the context. */
export function securebits({ submit, handOver }) {
  const read = () => submit(NR.prctl, [PR_GET_SECUREBITS]).value;
  const before = read();
  const set = submit(NR.prctl, [PR_SET_SECUREBITS, before | NO_SETUID_FIXUP]).value;
  if (set !== 0) throw new Error(`PR_SET_SECUREBITS: ${set}`);
  const seen = new Set([read()]);
  for (let i = 0; i < 10; i++) {
    handOver();
    seen.add(read());
  }
  return { before, after: [...seen] };
}

/** The calls that were handed over although they change the OS thread that makes them. */
export function changesOnTheSpot({ native, submit, handOver }) {
  const mask = new BigUint64Array(new SharedArrayBuffer(8)).fill(3n);
  const calls = [
    [NR.ioprioSet, [1, 0, LOWEST_BEST_EFFORT]],
    [NR.setpriority, [0, 0, 5]],
    [NR.schedSetaffinity, [0, 8, native.addressOf(mask)]],
  ];
  const handedOver = [];
  for (let i = 0; i < 30; i++) {
    for (const [nr, args] of calls) {
      const { pending, value } = submit(nr, args);
      if (pending) handedOver.push(Number(nr));
      else if (value !== 0) throw new Error(`system call ${nr}: ${value}`);
    }
    handOver();
  }
  return handedOver;
}
