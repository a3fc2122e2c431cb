import { shown } from './value-check.ts';

/** What each option may be: `true` for any value, else the only values. */
export type Allowed = Readonly<Record<string, true | readonly unknown[]>>;

/** Throws a TypeError for an option that there is not, or a value that it does not have. */
export function checkOptions(where: string, options: unknown, allowed: Allowed): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${where}: expected an object of options, got ${shown(options)}`);
  }
  for (const [key, value] of Object.entries(options)) {
    const values = Object.hasOwn(allowed, key) ? allowed[key] : undefined;
    if (values === undefined) {
      const names = Object.keys(allowed).join(', ');
      throw new TypeError(`${where}: there is no option ${shown(key)}, expected ${names}`);
    }
    if (values === true || value === undefined || values.includes(value)) continue;
    const expected = values.map(shown).join(' or ');
    throw new TypeError(`${where}: ${key} ${shown(value)}, expected ${expected}`);
  }
}
