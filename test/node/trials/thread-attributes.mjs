const NR = { setpriority: 141n, prctl: 157n, schedSetaffinity: 203n, ioprioSet: 251n };
const PR_GET_SECUREBITS = 27;
const PR_SET_SECUREBITS = 28;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_GET_NO_NEW_PRIVS = 39;
const NO_SETUID_FIXUP = 4;
const LOWEST_BEST_EFFORT = (2 << 13) | 7;

/** Set once; then read on each OS thread that carries the context. */
function follows({ submit, handOver }, get, set, value) {
  const read = () => submit(NR.prctl, [get]).value;
  const before = read();
  const error = submit(NR.prctl, [set, before | value]).value;
  if (error !== 0) throw new Error(`prctl ${set}: ${error}`);
  const seen = new Set([read()]);
  for (let i = 0; i < 10; i++) {
    handOver();
    seen.add(read());
  }
  return { before, after: [...seen] };
}

export function securebits(context) {
  return follows(context, PR_GET_SECUREBITS, PR_SET_SECUREBITS, NO_SETUID_FIXUP);
}

export function noNewPrivs(context) {
  return follows(context, PR_GET_NO_NEW_PRIVS, PR_SET_NO_NEW_PRIVS, 1);
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
