import { html } from './escape.ts';
import { Markup } from './markup.ts';

const KEYWORDS = new Set(
  (
    'abstract any as async await bigint boolean break case catch class const continue debugger declare ' +
    'default delete do else enum export extends false finally for from function get if implements import ' +
    'in instanceof interface let never new null number object of private protected public readonly return ' +
    'satisfies set static string super switch this throw true try type typeof undefined unknown var void ' +
    'while with yield'
  ).split(' '),
);

/** Comments, strings, numbers and words of TypeScript and JavaScript; the rest stays as it is. */
const TOKEN =
  /(\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|('(?:[^'\\\n]|\\.)*'?|"(?:[^"\\\n]|\\.)*"?|`(?:[^`\\]|\\[\s\S])*`?)|(\b\d[\w.]*)|([A-Za-z_$][\w$]*)/g;

/** Longer texts are shown without colours: a page is not an editor. */
const LONGEST = 200_000;

/** Source text as lines with colours, each line an element of its own. */
export function highlighted(source: string): Markup {
  const text = source.replaceAll('\r\n', '\n').trimEnd();
  const coloured = text.length > LONGEST ? html(text) : colour(text);
  const lines = coloured.split('\n').map((line) => `<span class="line">${line}\n</span>`);
  return new Markup(lines.join(''));
}

function colour(text: string): string {
  let done = 0;
  let out = '';
  for (const match of text.matchAll(TOKEN)) {
    const [token, comment, string, number, word] = match;
    out += html(text.slice(done, match.index));
    done = match.index + token.length;
    if (comment !== undefined) out += wrapped('comment', token);
    else if (string !== undefined) out += wrapped('string', token);
    else if (number !== undefined) out += wrapped('number', token);
    else out += KEYWORDS.has(word ?? '') ? wrapped('keyword', token) : html(token);
  }
  return out + html(text.slice(done));
}

/** A token over several lines is closed and opened again on each. */
function wrapped(kind: string, token: string): string {
  return token
    .split('\n')
    .map((line) => (line === '' ? '' : `<span class="${kind}">${html(line)}</span>`))
    .join('\n');
}
