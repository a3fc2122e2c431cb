const SLASH = 0x2f;
const NOTHING = new Uint8Array(0);

/** `directory` and a slash, unless it ends in one, as find prints it: t/ and a are t/a. */
export function withSlash(directory: Uint8Array): Uint8Array {
  if (directory.length === 0 || directory.at(-1) === SLASH) return directory;
  const prefix = new Uint8Array(directory.length + 1);
  prefix.set(directory);
  prefix[directory.length] = SLASH;
  return prefix;
}

/** What a path and its directory have in common with a linked list of names, the root last. */
export interface Named {
  readonly parent: Named | undefined;
  /** The root's is the path that was given. */
  readonly name: Uint8Array;
}

/** The whole path of a directory; as long as it is, it was never given to a system call. */
export function pathOf(directory: Named | undefined): Uint8Array {
  const names: Uint8Array[] = [];
  for (let one = directory; one !== undefined; one = one.parent) names.push(one.name);
  return joined(names.reverse());
}

export function joined(names: readonly Uint8Array[]): Uint8Array {
  const parts = names.map((name, i) => (i === names.length - 1 ? name : withSlash(name)));
  return parts.length === 0 ? NOTHING : Buffer.concat(parts);
}

/** Memory that does not move, with the path and its NUL. */
export function terminated(path: Uint8Array): Uint8Array {
  const memory = new Uint8Array(new SharedArrayBuffer(path.length + 1));
  memory.set(path);
  return memory;
}
