const NOT_ASCII = /[^\0-\x7f]/;

/**
 * Paths of the two walks by Node's fs are strings of one character per byte: names are bytes, and
 * strings are what fs is fast with. This makes what fs takes for the same bytes.
 */
export function forFs(path: string): string | Buffer {
  return NOT_ASCII.test(path) ? Buffer.from(path, 'latin1') : path;
}

export function toText(path: Uint8Array): string {
  return Buffer.from(path).toString('latin1');
}

export function toBytes(path: string): Uint8Array {
  return Buffer.from(path, 'latin1');
}

export function below(directory: string, name: string): string {
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}
