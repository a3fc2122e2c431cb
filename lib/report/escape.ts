const MARKUP: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Characters that show nothing and change what a terminal or a browser shows: C0, C1, bidi. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** What XML 1.0 cannot hold, not even as a reference, once lone surrogates are gone. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const LONE_SURROGATE = /\p{Cs}/gu;

/** Text with its control characters written out, \x1b and the like; tabs and line ends stay. */
export function printable(text: string): string {
  return text.replaceAll(INVISIBLE, (char) => {
    const code = char.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** The same on one line: for a cell of a table, or a name. */
export function oneLine(text: string): string {
  return printable(text.replaceAll('\n', '\\n').replaceAll('\t', '\\t'));
}

/** Text, or the value of a quoted attribute, of an HTML page. */
export function html(text: string): string {
  return printable(text).replaceAll(/[&<>"']/g, (char) => MARKUP[char] ?? char);
}

/** Text, or the value of a quoted attribute, of an XML file; line ends survive in both. */
export function xml(text: string): string {
  return text
    .replaceAll(LONE_SURROGATE, '\ufffd')
    .replaceAll(NOT_XML, '\ufffd')
    .replaceAll(/[&<>"']/g, (char) => MARKUP[char] ?? char)
    .replaceAll(/[\t\n\r]/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** JSON that may stand in a script element: nothing in it ends the element or opens a comment. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** A value of a workflow command of GitHub Actions. */
export function workflowText(text: string): string {
  const codes: Readonly<Record<string, string>> = {
    '%': '%25',
    '\n': '%0A',
    '\r': '%0D',
    ':': '%3A',
    ',': '%2C',
  };
  return text.replaceAll(/[%\n\r:,]/g, (char) => codes[char] ?? char);
}
