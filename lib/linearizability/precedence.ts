import type { Condition } from './condition.ts';
import type { History } from './history.ts';

/**
 * For each call the set of calls, as bits, that must come before it in any order that explains the
 * history. `thread[i]` is the thread of call i; calls of a thread lie in its order.
 */
export function precedence(
  condition: Condition,
  history: History,
  thread: Int32Array,
  before: Int32Array,
): void {
  if (condition === 'quiescent consistent') {
    quiescent(history, before);
    return;
  }
  const inRealTime = condition !== 'sequentially consistent';
  for (let call = 0; call < before.length; call++) {
    let set = 0;
    for (let other = 0; other < before.length; other++) {
      if (other === call) continue;
      const isEarlier =
        thread[other] === thread[call]
          ? other < call
          : inRealTime && (history.end[other] as number) < (history.begin[call] as number);
      if (isEarlier) set |= 1 << other;
    }
    before[call] = set;
  }
}

/** Calls are ordered where between the two there was a moment at which none ran. */
function quiescent({ begin, end }: History, before: Int32Array): void {
  for (let call = 0; call < before.length; call++) {
    let set = 0;
    for (let moment = begin[call] as number; moment > 0; moment--) {
      if (!isQuiet(moment, begin, end)) continue;
      for (let other = 0; other < end.length; other++) {
        if ((end[other] as number) < moment) set |= 1 << other;
      }
      break;
    }
    before[call] = set;
  }
}

/** Whether each call had either returned or not begun. */
function isQuiet(moment: number, begin: Int32Array, end: Int32Array): boolean {
  for (let call = 0; call < begin.length; call++) {
    if ((begin[call] as number) < moment && (end[call] as number) >= moment) return false;
  }
  return true;
}
