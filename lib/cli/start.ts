import { bare, strict } from './bare.ts';
import { findCommand } from './find.ts';
import { listedProgram } from './listed.ts';
import { run } from './run.ts';
import { VERSION_FLAGS, version } from './version.ts';
import { writeOut } from './write-out.ts';

// The package's `syslets`, as CommonJS (scripts/bundle/start.mjs), since Node's loader of modules alone
// takes a tenth of its start. What has to start quickly is here; whatever else is asked for loads main.ts.

const [command = ''] = process.argv.slice(2);

if (VERSION_FLAGS.includes(command)) writeOut(`${version}\n`);
else if (['--help', '-h'].includes(command)) void run(listedProgram);
else if (command === 'find') void run(() => strict(bare().addCommand(findCommand())));
else void import('./main.ts');
