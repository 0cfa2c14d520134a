import { describe, expect, test } from 'vitest';
import { bytesInWords, cut, oneLine, parts, pieces, sizeInWords, visible } from './safeText';

describe('what cannot be seen', () => {
  test('a mark that turns the direction of reading is named', () => {
    expect(pieces('pay \u202e001 EUR')).toEqual([
      { text: 'pay ', hidden: null },
      { text: '\u202e', hidden: 'RLO' },
      { text: '001 EUR', hidden: null },
    ]);
  });

  test.each([
    ['\u0000', 'NUL'],
    ['\u001b', 'ESC'],
    ['\u0085', 'U+0085'],
    ['\u200b', 'ZWSP'],
    ['\u2066', 'LRI'],
    ['\ufeff', 'BOM'],
    ['\ud800', 'U+D800'],
    ['\u{e0041}', 'U+E0041'],
  ])('%j is shown by its name', (character, name) => {
    expect(visible(`a${character}b`)).toBe(`a⟨${name}⟩b`);
  });

  test('words in every script, emoji and line breaks stay as they are', () => {
    for (const text of ['Zażółć', '日本語', 'مرحبا', '👩‍💻 ok 🇩🇪', 'a\tb\nc', 'क्‍ष']) {
      expect(visible(text)).toBe(text);
      expect(pieces(text)).toEqual([{ text, hidden: null }]);
    }
  });

  test('a line end of two characters hides nothing, a lone CR does', () => {
    expect(visible('a\r\nb')).toBe('a\nb');
    expect(visible('safe\rrm -rf')).toBe('safe⟨CR⟩rm -rf');
  });

  test('markup is text like any other', () => {
    const markup = '<img src=x onerror=alert(1)>';
    expect(pieces(markup)).toEqual([{ text: markup, hidden: null }]);
  });

  test('nothing of a text is lost', () => {
    const text = 'a\u202eb\u0007c';
    const joined = pieces(text).map((piece) => piece.text);
    expect(joined.join('')).toBe(text);
  });

  test('nothing is left of nothing', () => {
    expect(pieces('')).toEqual([]);
  });
});

describe('what is long', () => {
  test('a text is cut only where it is longer', () => {
    expect(cut('abc', 3)).toEqual({ text: 'abc', isCut: false });
    expect(cut('abcd', 3)).toEqual({ text: 'abc', isCut: true });
  });

  test('no character is cut in half', () => {
    expect(cut('ab😀c', 3).text).toBe('ab');
    expect(cut('ab😀c', 4).text).toBe('ab😀');
  });

  test('a long text comes in parts that lose only the newlines between them', () => {
    expect(parts('ab\ncd\nef', 4)).toEqual(['ab', 'cd', 'ef']);
    expect(parts('aa bb cc', 4)).toEqual(['aa ', 'bb ', 'cc']);
    expect(parts('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
    expect(parts('ab😀😀', 3)).toEqual(['ab', '😀', '😀']);
    expect(parts('short')).toEqual(['short']);
    expect(parts('')).toEqual(['']);
  });

  test('a cell is one line, and says where it was cut', () => {
    expect(oneLine('a\n\n  b\tc')).toBe('a b c');
    expect(oneLine('x'.repeat(500), 10)).toBe(`${'x'.repeat(10)}…`);
  });

  test('sizes are those of UTF-8', () => {
    expect(sizeInWords('é')).toBe('2 B');
    expect(sizeInWords('x'.repeat(1_000_000))).toBe('1.0 MB');
    expect(bytesInWords(999)).toBe('999 B');
    expect(bytesInWords(1_234)).toBe('1.2 kB');
    expect(bytesInWords(999_960)).toBe('1.0 MB');
  });
});
