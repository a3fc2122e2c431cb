// An asynchronous `cp -r`: node copy-tree.js FROM TO. The bytes never enter the process.
import { constants, sys } from 'syslets';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;
const { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } = constants;
const { AT_FDCWD, AT_SYMLINK_NOFOLLOW } = constants;
const MOST_BYTES = 1 << 30; // in one call
const AT_ONCE = 64; // entries of a directory; each has two descriptors at most
const PATH_MAX = 4096;

let entries = 1;
let bytes = 0;
let failed = 0;

/** Opens what `use` needs, and closes it also when that fails. */
async function opened<T>(
  [parent, name, flags, mode]: readonly [number, Uint8Array, number, number],
  use: (fd: number) => Promise<T>,
): Promise<T> {
  const fd = await sys.openat(parent, name, flags, mode);
  try {
    return await use(fd);
  } finally {
    await sys.close(fd);
  }
}

async function copyFile(from: number, to: number, name: Uint8Array, mode: number): Promise<void> {
  await opened([from, name, O_RDONLY | O_NOFOLLOW, 0], (source) =>
    opened([to, name, O_WRONLY | O_CREAT | O_EXCL, mode & 0o777], async (target) => {
      for (let copied = 1; copied > 0; bytes += copied) {
        copied = await sys.copy_file_range(source, null, target, null, MOST_BYTES);
      }
    }),
  );
}

async function copyLink(from: number, to: number, name: Uint8Array): Promise<void> {
  const text = new Uint8Array(PATH_MAX); // the rest stays zero: the text ends with a NUL
  await sys.readlinkat(from, name, text.subarray(0, PATH_MAX - 1));
  await sys.call('symlinkat', text, to, Buffer.concat([name, Buffer.alloc(1)]));
}

async function copyEntry(from: number, to: number, name: Uint8Array): Promise<void> {
  const { st_mode } = await sys.newfstatat(from, name, AT_SYMLINK_NOFOLLOW);
  const kind = st_mode & S_IFMT;
  if (kind === S_IFDIR) await copyDirectory(from, to, name, st_mode);
  else if (kind === S_IFREG) await copyFile(from, to, name, st_mode);
  else if (kind === S_IFLNK) await copyLink(from, to, name);
  else throw new Error('neither file, directory nor link');
  entries++;
}

/** An entry that cannot be copied is reported; the others are copied all the same. */
async function tryEntry(from: number, to: number, name: Uint8Array): Promise<void> {
  try {
    await copyEntry(from, to, name);
  } catch (error) {
    failed++;
    console.error(`${Buffer.from(name)}: ${(error as Error).message}`);
  }
}

async function copyDirectory(from: number, to: number, name: Uint8Array, mode: number) {
  await sys.mkdirat(to, name, 0o700);
  const flags = O_DIRECTORY | O_NOFOLLOW;
  await opened([from, name, flags, 0], (source) =>
    opened([to, name, flags, 0], async (target) => {
      await copyContents(source, target);
      await sys.call('fchmod', target, mode & 0o777);
    }),
  );
}

/** Names of a directory without `.` and `..`, as bytes. */
async function namesIn(directory: number): Promise<Uint8Array[]> {
  const buffer = new Uint8Array(32 * 1024);
  const names: Uint8Array[] = [];
  for (;;) {
    const found = await sys.getdents64(directory, buffer);
    if (found.byteLength === 0) return names;
    for (const entry of found) if (!entry.isDots) names.push(entry.name.slice());
  }
}

/** What does not block is done at once; what blocks is waited for together. */
async function copyContents(from: number, to: number): Promise<void> {
  const names = await namesIn(from);
  const worker = async () => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      await tryEntry(from, to, name);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const [from, to] = process.argv.slice(2).map((path) => Buffer.from(path));
if (from === undefined || to === undefined) {
  console.error('usage: node copy-tree.js FROM TO');
  process.exit(2);
}
await sys.mkdirat(AT_FDCWD, to, 0o777);
await opened([AT_FDCWD, from, O_DIRECTORY, 0], (source) =>
  opened([AT_FDCWD, to, O_DIRECTORY, 0], (target) => copyContents(source, target)),
);
console.log(`${entries} entries, ${bytes} bytes copied, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
