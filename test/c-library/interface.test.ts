import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { exported, prototypes, RETURN_FUNCTIONS, ROOT } from './interface.ts';

const read = (path: string) => readFileSync(`${ROOT}/${path}`, 'utf8');

test('the library exports what its headers declare', () => {
  const declared = [...prototypes().map(({ name }) => name), ...RETURN_FUNCTIONS].sort();
  expect(declared.length).toBeGreaterThan(30);
  expect(exported()).toEqual(declared);
});

test('library, package and version of the interface have one number', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  expect(read('native/CMakeLists.txt')).toContain(`project(syslets VERSION ${version} `);
  const [major, minor] = version.split('.');
  expect(read('native/libsyslets.map')).toMatch(new RegExp(`^SYSLETS_${major}\\.${minor} \\{`));
});

test('public headers need nothing but <stdint.h>', () => {
  for (const header of new Set(prototypes().map((one) => one.header))) {
    const includes = [...read(`native/include/syslets/${header}`).matchAll(/^#\s*include (.*)$/gm)];
    for (const [, name] of includes) expect(name).toMatch(/^(<stdint\.h>|"syslets\/\w+\.h")$/);
  }
});

test('the example of docs/c.md is examples/c/read.c, whole', () => {
  expect(read('docs/c.md')).toContain(`\`\`\`c\n${read('examples/c/read.c')}\`\`\``);
});
