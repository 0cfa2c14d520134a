import { expect, test } from 'vitest';
import { flag, oneOf, parseSearch, stringifySearch, text, texts, time, whole } from './search';

test('a search is written in plain words and read back the same', () => {
  const search = { q: 'where is it?', pick: ['sess:a', 'sess:b'], all: true };
  const written = stringifySearch(search);
  expect(written).toBe('?q=where+is+it%3F&pick=sess:a&pick=sess:b&all=true');
  expect(parseSearch(written)).toEqual({
    q: 'where is it?',
    pick: ['sess:a', 'sess:b'],
    all: 'true',
  });
});

test('ids of any characters survive', () => {
  const id = 'sess:a/b?c&d=e#f+g %2F "ü" \u202e';
  expect(parseSearch(stringifySearch({ id }))).toEqual({ id });
});

test('nothing is written for what is not set', () => {
  expect(stringifySearch({ q: undefined, tags: [], all: false, empty: '' })).toBe('');
});

test('a number or a boolean in the address is a text until it is read as such', () => {
  expect(parseSearch('?q=123&user=true')).toEqual({ q: '123', user: 'true' });
  expect(text('123')).toBe('123');
});

test('what does not fit is left out', () => {
  expect(flag('yes')).toBeUndefined();
  expect(oneOf('x', ['a', 'b'])).toBeUndefined();
  expect(whole('-1')).toBeUndefined();
  expect(whole('1e3')).toBeUndefined();
  expect(time('yesterday')).toBeUndefined();
  expect(texts(['', ''])).toBeUndefined();
});

test('what fits is kept, each text once', () => {
  expect(flag('true')).toBe(true);
  expect(flag(true)).toBe(true);
  expect(oneOf('b', ['a', 'b'])).toBe('b');
  expect(whole('12')).toBe(12);
  expect(whole(0)).toBe(0);
  expect(texts(['a', 'b', 'a'])).toEqual(['a', 'b']);
  expect(texts('a')).toEqual(['a']);
  expect(time('2026-11-23T07:36:03Z')).toBe('2026-11-23T07:36:03Z');
});
