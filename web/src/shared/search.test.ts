import { expect, test } from 'vitest';
import { filterCount, filterSearch, toFilter, toFilterQuery } from './filter';
import { parseSearch, stringifySearch } from './search';
import { ALL, isSelected, selectedCount, selectionSearch, toggled, withAll } from './selection';

test('a search is written in plain words and read back', () => {
  const search = { q: 'refund & co', pick: ['sess:a', 'sess:b'], all: undefined, error: 'yes' };
  const text = stringifySearch(search);
  expect(text).toBe('?q=refund+%26+co&pick=sess:a&pick=sess:b&error=yes');
  expect(parseSearch(text)).toEqual({ q: 'refund & co', pick: ['sess:a', 'sess:b'], error: 'yes' });
});

test('what does not fit is left out of a filter', () => {
  const found = filterSearch({ q: '', last: '5h', since: 'soon', error: 'maybe', tool: 'a' });
  expect(Object.entries(found).filter(([, value]) => value !== undefined)).toEqual([['tool', 'a']]);
});

test('the last hours win over a time that stands beside them', () => {
  const found = filterSearch({ last: '24h', since: '2026-11-24T00:00:00Z' });
  expect(found.since).toBeUndefined();
  const now = new Date('2026-11-24T12:00:00Z');
  expect(toFilter(found, now).since).toBe('2026-11-23T12:00:00.000Z');
});

test('an error filter may be asked both ways', () => {
  const now = new Date();
  expect(toFilter({ error: 'no' }, now).error).toBe(false);
  expect(toFilter({ error: 'yes' }, now).error).toBe(true);
  expect(toFilter({}, now).error).toBeNull();
});

test('labels of metadata go into a query one by one', () => {
  expect(toFilterQuery({ label: ['a=1', 'b=2'] }, new Date()).label).toEqual(['a=1', 'b=2']);
});

test('the words searched for are not counted as a filter', () => {
  expect(filterCount({ q: 'refund', tool: 'a', error: 'yes' })).toBe(2);
});

test('a picked row is turned over', () => {
  const one = toggled(selectionSearch({}), 'a');
  expect(one.pick).toEqual(['a']);
  expect(toggled(one, 'a').pick).toBeUndefined();
});

test('all that match may be selected but for some', () => {
  const most = toggled(ALL, 'b');
  expect(isSelected(most, 'a')).toBe(true);
  expect(isSelected(most, 'b')).toBe(false);
  expect(selectedCount(most, 100)).toBe(99);
  expect(selectedCount(most, null)).toBeNull();
});

test('a range of rows becomes selected whatever was before', () => {
  const some = withAll(selectionSearch({ pick: ['b'] }), ['a', 'b', 'c'], true);
  expect(new Set(some.pick)).toEqual(new Set(['a', 'b', 'c']));
  expect(withAll(some, ['a', 'c'], false).pick).toEqual(['b']);
});
