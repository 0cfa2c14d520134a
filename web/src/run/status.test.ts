import { expect, it } from 'vitest';
import { donePercent, goesOn } from './status';

it('a run goes on until it has ended or was stopped', () => {
  expect(goesOn('pending')).toBe(true);
  expect(goesOn('running')).toBe(true);
  expect(goesOn('cancelled')).toBe(false);
});

it('talks that failed are done as well', () => {
  expect(donePercent({ calls: 8, completed: 5, failed: 1 })).toBe(75);
  expect(donePercent({ calls: 0, completed: 0, failed: 0 })).toBe(0);
});
