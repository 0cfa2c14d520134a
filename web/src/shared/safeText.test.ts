import { describe, expect, test } from 'vitest';
import { bytesInWords, cut, oneLine, pieces, sizeInWords, visible } from './safeText';

describe('what could not be seen is made visible', () => {
  test('a mark that turns the direction of reading gets its name', () => {
    expect(pieces('pay \u202e001 ruoy')).toEqual([
      { text: 'pay ', hidden: null },
      { text: '\u202e', hidden: 'RLO' },
      { text: '001 ruoy', hidden: null },
    ]);
  });

  test('control characters, zero width spaces, tags and lone surrogates too', () => {
    expect(visible('a\u0000b\u001bc\u200bd\u{e0041}e\ud800f')).toBe(
      'a⟨NUL⟩b⟨ESC⟩c⟨ZWSP⟩d⟨U+E0041⟩e⟨U+D800⟩f',
    );
  });

  test('tabs, newlines, emoji of several parts and other scripts are left alone', () => {
    for (const text of ['a\tb\nc', 'a\r\nb', '👩‍👩‍👧 क्ष שלום ☎️']) {
      expect(pieces(text)).toEqual([{ text: text.replace('\r', ''), hidden: null }]);
    }
  });

  test('markup is plain text', () => {
    const text = '<img src=x onerror=alert(1)> [a](javascript:alert(1))';
    expect(pieces(text)).toEqual([{ text, hidden: null }]);
  });

  test('nothing of a text is lost', () => {
    const text = 'a\u202eb\u0007c';
    expect(
      pieces(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
  });
});

describe('what is long is cut', () => {
  test('never through the middle of a character', () => {
    expect(cut('ab😀', 3)).toEqual({ text: 'ab', isCut: true });
    expect(cut('ab😀', 4)).toEqual({ text: 'ab😀', isCut: false });
  });

  test('a cell of a table has one line', () => {
    expect(oneLine('  a\n\nb\tc ')).toBe('a b c');
    expect(oneLine('x'.repeat(500), 10)).toBe('xxxxxxxxxx…');
  });

  test('sizes are told in words', () => {
    expect(bytesInWords(999)).toBe('999 B');
    expect(sizeInWords('é'.repeat(1_000))).toBe('2.0 kB');
    expect(sizeInWords('x'.repeat(1_000_000))).toBe('1.0 MB');
    expect(bytesInWords(999_990)).toBe('1.0 MB');
  });
});
