import assert from 'node:assert/strict';

/** A callback hands over while SQLite holds its recursive mutex, which is released elsewhere. */
export async function callbacks({ handOver }) {
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(':memory:');
  db.exec('CREATE TABLE numbers (n INTEGER)');
  const insert = db.prepare('INSERT INTO numbers VALUES (?)');
  for (let i = 0; i < 50; i++) insert.run(i);
  db.function('twice', (n) => {
    handOver();
    return 2 * n;
  });
  const rows = db.prepare('SELECT twice(n) AS t FROM numbers ORDER BY n').all();
  rows.forEach(({ t }, i) => {
    assert.equal(t, 2 * i);
  });
  handOver();
  const { sum } = db.prepare('SELECT SUM(twice(n)) AS sum FROM numbers').get();
  assert.throws(() => {
    db.function('fails', () => {
      handOver();
      throw new Error('from the callback');
    });
    db.prepare('SELECT fails()').get();
  }, /from the callback/);
  db.close();
  return sum;
}

/** A file database: its locks belong to the process, its calls may block inside SQLite. */
export async function file({ handOver }) {
  const { DatabaseSync } = await import('node:sqlite');
  const { mkdtempSync, rmSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const dir = mkdtempSync(`${tmpdir()}/syslets-sqlite-`);
  const db = new DatabaseSync(`${dir}/db`);
  db.exec('CREATE TABLE t (n INTEGER)');
  for (let i = 0; i < 30; i++) {
    db.exec('BEGIN');
    handOver();
    db.exec(`INSERT INTO t VALUES (${i})`);
    handOver();
    db.exec('COMMIT');
  }
  const { count } = db.prepare('SELECT COUNT(*) AS count FROM t').get();
  db.close();
  rmSync(dir, { recursive: true });
  return count;
}
