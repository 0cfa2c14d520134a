import { expect, test } from 'vitest';
import { filterCount, filterOf, filterSearch, NO_FILTER, toFilter, toFilterQuery } from './filter';

const NOW = new Date('2026-11-24T12:00:00Z');

test('the last hours end now', () => {
  expect(toFilter({ last: '24h' }, NOW).since).toBe('2026-11-23T12:00:00.000Z');
  expect(toFilter({ last: '24h' }, NOW).until).toBeNull();
});

test('a span of time and fixed times do not stand beside each other', () => {
  const search = filterSearch({ last: '7d', since: '2026-01-01T00:00:00Z' });
  expect(search.last).toBe('7d');
  expect(search.since).toBeUndefined();
});

test('errors are asked for, ruled out, or left open', () => {
  expect(toFilter({ error: 'yes' }, NOW).error).toBe(true);
  expect(toFilter({ error: 'no' }, NOW).error).toBe(false);
  expect(toFilter({}, NOW).error).toBeNull();
});

test('names of the address become those of the API', () => {
  const asked = toFilterQuery({ q: 'kettle', version: 'v7', label: ['plan=gold'] }, NOW);
  expect(asked).toMatchObject({ text: 'kettle', agent_version: 'v7', label: ['plan=gold'] });
  expect(toFilter({ label: ['plan=gold'] }, NOW).labels).toEqual(['plan=gold']);
});

test('what is mistyped in an address filters nothing', () => {
  expect(filterSearch({ last: '3 days', since: 'then', error: 'maybe' })).toEqual(NO_FILTER);
});

test('filters are counted without the words, and taken out of a longer search', () => {
  const search = { q: 'a', tool: 't', label: ['x=1'], pick: ['p'], cols: 'user' };
  expect(filterCount(search)).toBe(2);
  expect(filterOf(search)).toEqual({ ...NO_FILTER, q: 'a', tool: 't', label: ['x=1'] });
});
