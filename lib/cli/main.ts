#!/usr/bin/env node
import { VERSION_FLAGS, version } from './version.ts';

const [command = '', ...options] = process.argv.slice(2);

// Nothing else is loaded for it: scripts ask for the version before each use.
if (VERSION_FLAGS.includes(command)) {
  process.stdout.write(`${version}\n`);
} else {
  // A host's threads take longer to start than all commands to load: beside that they cost no time.
  const takesSamples = !options.some((option) => ['--list', '--help', '-h'].includes(option));
  if (command === 'stress' && takesSamples) (await import('../stress/host.ts')).prepareHost();
  const { main } = await import('./program.ts');
  await main();
}
