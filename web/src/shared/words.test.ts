import { expect, test } from 'vitest';
import {
  between,
  count,
  counted,
  duration,
  fromLocalInput,
  money,
  toLocalInput,
  when,
} from './words';

test('unknown is a dash, never 0', () => {
  expect([count(null), duration(undefined), money(null), when(null), between(null, 'x')]).toEqual(
    Array(5).fill('–'),
  );
  expect(count(0)).toBe('0');
});

test.each([
  [0, '0.0 ms'],
  [9.94, '9.9 ms'],
  [85.2, '85 ms'],
  [999.6, '1.00 s'],
  [1_234, '1.23 s'],
  [12_340, '12.3 s'],
  [59_996, '1 min 00 s'],
  [125_000, '2 min 05 s'],
  [3_599_700, '1 h 00 min'],
  [12_000_000, '3 h 20 min'],
])('%d ms are %s', (ms, words) => {
  expect(duration(ms)).toBe(words);
});

test('one is not many', () => {
  expect([
    counted(1, 'session'),
    counted(2_000, 'session'),
    counted(0, 'reply', 'replies'),
  ]).toEqual(['1 session', '2,000 sessions', '0 replies']);
});

test('small money keeps its digits', () => {
  expect([money(0), money(0.00054), money(0.123), money(12.5), money(1, 'EUR')]).toEqual([
    '$0.00',
    '$0.00054',
    '$0.123',
    '$12.50',
    'EUR 1.00',
  ]);
});

test('what was today needs no day, what was another year needs it', () => {
  const now = new Date('2026-11-24T12:00:00Z');
  expect(when('2026-11-24T09:03:00Z', now)).toBe('09:03');
  expect(when('2026-03-02T09:03:00Z', now)).toBe('2 Mar 09:03');
  expect(when('2024-03-02T09:03:00Z', now)).toBe('2 Mar 2024');
});

test('a time goes into an input and comes back', () => {
  expect(fromLocalInput(toLocalInput('2026-11-24T09:03:00.000Z'))).toBe('2026-11-24T09:03:00.000Z');
  expect(toLocalInput(undefined)).toBe('');
  expect(fromLocalInput('')).toBeUndefined();
});
