import { VERSION_FLAGS, version } from './version.ts';
import { writeOut } from './write-out.ts';

// The package's `syslets`, as CommonJS (scripts/bundle/start.mjs), since Node's loader of modules alone
// takes a tenth of its start. What has to start quickly is here; whatever else is asked for loads main.ts.

const HELP_FLAGS: readonly string[] = ['-h', '--help'];

async function start(command: string): Promise<void> {
  if (VERSION_FLAGS.includes(command)) return writeOut(`${version}\n`);
  if (HELP_FLAGS.includes(command)) return (await import('./start-help.ts')).startHelp();
  if (command === 'find') return (await import('./start-find.ts')).startFind();
  await import('./main.ts');
}

void start(process.argv[2] ?? '');
