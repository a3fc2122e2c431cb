import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html, oneLine, scriptJson, workflowText, xml } from '../../lib/report/escape.ts';
import { highlighted } from '../../lib/report/highlight.ts';
import { markup } from '../../lib/report/markup.ts';

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom('<', '</script>', '<!--', '&', '"', "'", ']]>', '\x00', '\x1b[31m', '\ud800'),
    )
    .map((parts) => parts.join('')),
);

function unescaped(text: string): string {
  const names: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' };
  return text.replaceAll(/&(?:#(\d+)|(\w+));/g, (_, code, name) =>
    code === undefined ? (names[name] ?? '?') : String.fromCharCode(Number(code)),
  );
}

test('html holds no markup, and is the text again when it is read', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(html(text)).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
      expect(unescaped(html(text))).toBe(unescaped(html(unescaped(html(text)))));
    }),
  );
  expect(unescaped(html('<a href="x">&\'</a>'))).toBe('<a href="x">&\'</a>');
});

test('xml holds what XML 1.0 allows, and line ends survive in attributes', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
      expect(xml(text)).not.toMatch(/[<>"'\x00-\x1f\ufffe\uffff\p{Cs}]/u);
    }),
  );
  expect(xml('a\nb\tc')).toBe('a&#10;b&#9;c');
  expect(xml('a\ud800b😀')).toBe('a\ufffdb😀');
});

test('JSON in a script element ends no element, and is the same value', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(scriptJson({ text })).not.toContain('<');
      expect(JSON.parse(scriptJson({ text }))).toEqual({ text });
    }),
  );
});

test('one line stays one line without control characters', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
      expect(oneLine(text)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
    }),
  );
  expect(oneLine('a\x1b[2Jb\u202ec\nd')).toBe('a\\x1b[2Jb\\u202ec\\nd');
});

test('a workflow command keeps its parts', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(workflowText(text)).not.toMatch(/[\n\r:,]/);
    }),
  );
});

test('markup escapes what is put into it, and markup only once', () => {
  const inner = markup`<b>${'<i>'}</b>`;
  expect(markup`<p title="${'"'}">${inner}${[inner]}${3}</p>`.text).toBe(
    '<p title="&quot;"><b>&lt;i&gt;</b><b>&lt;i&gt;</b>3</p>',
  );
});

test('highlighted source is the source again without its elements', () => {
  const bits = fc.constantFrom(
    '/*',
    '*/',
    '//',
    "'",
    '"',
    '`',
    '\\',
    '\n',
    'const',
    ' x ',
    '1.5',
    '<b>',
  );
  fc.assert(
    fc.property(fc.array(bits, { maxLength: 30 }), (parts) => {
      const text = parts.join('');
      const lines = highlighted(text).text.replaceAll(/<\/?span[^>]*>/g, '');
      expect(lines).toBe(`${html(text.trimEnd())}\n`);
    }),
  );
});

test('comments, strings, numbers and keywords have their class; a comment is closed on each line', () => {
  const { text } = highlighted("const a = 'x'; // y\n/* 1\n2 */ 3");
  expect(text).toBe(
    '<span class="line"><span class="keyword">const</span> a = <span class="string">&#39;x&#39;</span>; <span class="comment">// y</span>\n</span>' +
      '<span class="line"><span class="comment">/* 1</span>\n</span>' +
      '<span class="line"><span class="comment">2 */</span> <span class="number">3</span>\n</span>',
  );
});
