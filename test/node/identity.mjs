// Who the OS thread is that runs JavaScript right now, as the kernel sees it.

import { readdirSync, readFileSync } from 'node:fs';

const FIELDS = ['Uid', 'Gid', 'Groups', 'CapEff', 'CapPrm', 'NoNewPrivs'];

export function identityOf(path) {
  const status = readFileSync(path, 'utf8');
  const field = (name) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim();
  return FIELDS.map((name) => `${name} ${(field(name) ?? '?').replaceAll('\t', ',')}`).join('; ');
}

export const identity = () => identityOf('/proc/thread-self/status');

/** The effective user and group, and whether there are capabilities: quick to compare. */
export function effective() {
  const [, uid, gid] = /Uid:\t\d+\t(\d+).*\nGid:\t\d+\t(\d+)/.exec(
    readFileSync('/proc/thread-self/status', 'latin1'),
  );
  return `${uid}:${gid}`;
}

export function threads() {
  return readdirSync('/proc/self/task').map((tid) => identityOf(`/proc/self/task/${tid}/status`));
}
