// The report of `syslets doctor --json` in a process that lacks something: argv[2] says what.
import { spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { doctor } from '../../dist/cli/doctor.js';
import { native } from '../../dist/native.js';

const NOBODY = 65_534;

function allow(limit) {
  process.setgroups([]);
  process.setgid(NOBODY);
  process.setuid(NOBODY);
  spawnSync('prlimit', ['--pid', String(process.pid), `--${limit}`]);
}

const without = {
  nothing() {},
  descriptors() {
    for (;;) {
      try {
        openSync('/dev/null', 'r');
      } catch {
        return;
      }
    }
  },
  threads: () => allow('nproc=1:1'),
  'signal queue': () => allow('sigpending=0:0'),
};

native(); // the addon is a file that has to be opened
without[process.argv[2]]();
doctor({ json: true });
