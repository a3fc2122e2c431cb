// The child process of a test: run.mjs FILE TRIAL plain|carried [WATCHER]. Attaches the main thread
// and leaves home (not in `plain`, real Node), runs the trial, prints what it returned as JSON.

import { writeSync } from 'node:fs';
import * as syslets from './syslets.mjs';

const [file, name, mode, watcher = 'auto'] = process.argv.slice(2);
const trials = await import(new URL(`./trials/${file}.mjs`, import.meta.url).href);
const carried = mode === 'carried';

if (carried) {
  syslets.attach({ watcher });
  syslets.leaveHome();
}

/** What a trial gets: in `plain` the same, with hand-offs that do nothing. */
const context = {
  ...syslets,
  carried,
  watcher,
  // to another thread than the birth thread, which would have nothing to prove
  handOver: carried ? syslets.leaveHome : () => 0,
  handOverAnywhere: carried ? syslets.handOver : () => 0,
  leaveAgain: syslets.leaveHome,
  attach: () => (carried ? syslets.attach({ watcher }) : {}),
  say(result) {
    writeSync(1, `${JSON.stringify({ result })}\n`);
  },
};

const result = await trials[name](context);
context.say(result ?? null);
