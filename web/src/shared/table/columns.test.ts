import { expect, test } from 'vitest';
import { leastWidth, type RowColumn, shownIds, toggledColumn } from './columns';

const column = (id: string, more: Partial<RowColumn<string>> = {}): RowColumn<string> => ({
  id,
  header: id,
  cell: () => null,
  ...more,
});

const COLUMNS = [
  column('name', { main: true }),
  column('user', { usual: true, width: 100 }),
  column('tools', { usual: true, width: 50 }),
  column('spans', { width: 70 }),
];

test('the usual columns are shown where nothing was chosen', () => {
  expect([...shownIds(COLUMNS, undefined)]).toEqual(['name', 'user', 'tools']);
});

test('the column that names the row cannot be left out', () => {
  expect([...shownIds(COLUMNS, 'spans')]).toEqual(['name', 'spans']);
  expect([...shownIds(COLUMNS, '-')]).toEqual(['name']);
});

test('a column is added and taken away, in the order of the table', () => {
  expect(toggledColumn(COLUMNS, undefined, 'spans')).toBe('user,tools,spans');
  expect(toggledColumn(COLUMNS, 'spans', 'user')).toBe('user,spans');
  expect(toggledColumn(COLUMNS, 'spans', 'spans')).toBe('-');
});

test('the usual choice is no choice', () => {
  expect(toggledColumn(COLUMNS, 'user,tools,spans', 'spans')).toBeUndefined();
});

test('unknown columns of an old link are left out', () => {
  expect([...shownIds(COLUMNS, 'gone,user')]).toEqual(['name', 'user']);
});

test('a table is as wide as its columns', () => {
  expect(leastWidth(COLUMNS)).toBe(200 + 100 + 50 + 70);
});
