import { i32 } from '../../abi/index.ts';
import { NR, type SysletCall } from '../../kernel/index.ts';
import { acceptable, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import { freshRing, nap, ringBytes, ringOver, settled } from '../shared/ring.ts';
import { awaitCompletions, LOOKS, SysletThread } from '../shared/syslet-thread.ts';

const ELEMENTS = 16;
/** Several rounds of the ring: what lies in a slot is that of the round before. */
const CALLS = 64;
/** Where the reader shares this processor, it cannot make room while the completer tries. */
const TRIES = 100;

export default scenario({
  name: 'ring/completion-before-head',
  description: 'A reader that sees the head sees the completions that it covers, whole',
  needs: ['addon', 'calls'],
  // of 64 completions each
  minSamples: 1000,
  state: { ring: sharedBuffer(ringBytes(ELEMENTS)) },
  result: { seen: i32, wrong: i32 },
  setup: (state) => freshRing(state.ring, ELEMENTS),
  actors: {
    completer(state) {
      call ??= SysletThread.own().kernel.newCall(NR.getppid);
      call.setRing(ringOver(state.ring));
      for (let n = 1, refused = 0; n <= CALLS; ) {
        call.setCallerData(n).dispatch();
        if (call.pending) n++;
        else if (++refused % TRIES === 0) nap(); // -EAGAIN: there is no room
      }
    },
    reader(state, result) {
      const isNew = new Uint8Array(CALLS + 1).fill(1, 1);
      const see = (status: number, callerData: number): void => {
        if (status !== ppid || isNew[callerData] !== 1) result.wrong = 1;
        isNew[callerData] = 0;
      };
      result.seen = CALLS + awaitCompletions(ringOver(state.ring), CALLS, see, LOOKS);
    },
  },
  // the memory is used again: nothing may be on its way
  arbiter: (state) => void settled(ringOver(state.ring), CALLS),
  close: () => SysletThread.detach(),
  outcomes: [
    acceptable('64, 0', 'each completion once'),
    forbidden('64, 1', 'the head came before a completion: an old one was read'),
    forbidden(/./, 'more completions than calls'),
  ],
});

const { ppid } = process;

let call: SysletCall | undefined;
