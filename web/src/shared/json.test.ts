import { expect, test } from 'vitest';
import { parsedJson, previewOf } from './json';

test('a value is told on one line', () => {
  expect(previewOf({ order_id: 'A-1001', total: 34.5, eta: null })).toBe(
    '{order_id: "A-1001", total: 34.5, eta: null}',
  );
  expect(previewOf([1, [2, [3]]])).toBe('[1, [2, […]]]');
});

test('a preview is short, whatever it is of', () => {
  expect(previewOf(Array(100_000).fill('word')).length).toBeLessThan(130);
  expect(previewOf('x'.repeat(1_000_000)).length).toBeLessThan(130);
});

test('what is not seen is named in previews too', () => {
  expect(previewOf({ 'a\u202eb': 'c\u0000' })).toBe('{a⟨RLO⟩b: "c⟨NUL⟩"}');
});

test('JSON is found in a text only where it is an object or a list', () => {
  expect(parsedJson(' {"a": 1}')).toEqual({ a: 1 });
  expect(parsedJson('[1]')).toEqual([1]);
  for (const text of ['12', '"a"', '{broken', '[]', 'see [1]', `[${'1,'.repeat(200_000)}1]`]) {
    expect(parsedJson(text)).toBeNull();
  }
});
