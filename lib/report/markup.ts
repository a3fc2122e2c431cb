import { html } from './escape.ts';

/** Text that is HTML already. Whatever else is put into a page gets escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = string | number | Markup | readonly Markup[];

/** Markup from a template: strings and numbers in it are escaped, markup is not. */
export function markup(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  const texts = parts.map((part, i) => part + (i < values.length ? textOf(values[i] ?? '') : ''));
  return new Markup(texts.join(''));
}

function textOf(value: Content): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(({ text }) => text).join('');
  return html(String(value));
}

export const nothing: Markup = new Markup('');
