import { expect, test } from 'vitest';
import {
  ALL,
  isSelected,
  NOTHING,
  selectedCount,
  selectionSearch,
  toggled,
  withAll,
} from './selection';

test('rows are selected one by one, and let go again', () => {
  const two = toggled(toggled(NOTHING, 'a'), 'b');
  expect(two.pick).toEqual(['a', 'b']);
  expect(isSelected(two, 'a')).toBe(true);
  expect(toggled(toggled(two, 'a'), 'b')).toEqual(NOTHING);
});

test('all that match are selected but those that are taken out', () => {
  const allButOne = toggled(ALL, 'a');
  expect(isSelected(allButOne, 'a')).toBe(false);
  expect(isSelected(allButOne, 'never seen')).toBe(true);
  expect(selectedCount(allButOne, 1_000)).toBe(999);
  expect(toggled(allButOne, 'a')).toEqual(ALL);
});

test('how many all are is unknown until they are counted', () => {
  expect(selectedCount(ALL, null)).toBeNull();
  expect(selectedCount({ ...NOTHING, pick: ['a'] }, null)).toBe(1);
  expect(selectedCount(NOTHING, 5)).toBe(0);
});

test('what is loaded is selected at once, and those selected before stay', () => {
  const before = { ...NOTHING, pick: ['z', 'b'] };
  expect(withAll(before, ['a', 'b'], true).pick).toEqual(['z', 'b', 'a']);
  expect(withAll(before, ['a', 'b'], false).pick).toEqual(['z']);
});

test('an address says one kind of selection: all wins over some', () => {
  expect(selectionSearch({ all: 'true', pick: 'a', not: ['b', 'c'] })).toEqual({
    all: true,
    pick: undefined,
    not: ['b', 'c'],
  });
  expect(selectionSearch({ pick: 'a', not: 'b' })).toEqual({ ...NOTHING, pick: ['a'] });
});
