#!/usr/bin/env node
const [command, ...options] = process.argv.slice(2);

// A host's threads take longer to start than all commands to load: beside that they cost no time.
const takesSamples = !options.some((option) => ['--list', '--help', '-h'].includes(option));
if (command === 'stress' && takesSamples) (await import('../stress/host.ts')).prepareHost();
const { main } = await import('./program.ts');
await main();

export {};
