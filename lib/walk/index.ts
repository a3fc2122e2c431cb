export type { WalkCalls, WalkFailure, WalkObserver } from './observer.ts';
export { walkByPromises } from './promises-walk.ts';
export { walkBySync } from './sync-walk.ts';
export { SysletWalk, type SysletWalkOptions } from './syslet-walk.ts';
export { sameTotals, type Totals } from './totals.ts';
