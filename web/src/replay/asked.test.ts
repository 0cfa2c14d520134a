import { describe, expect, it } from 'vitest';
import { askedOf, headersOf, isReady, optionsOf, targetOf, USUAL } from './asked';

const NOW = new Date('2026-11-27T00:00:00Z');

describe('what is asked for a selection', () => {
  it('names the picked ones', () => {
    expect(askedOf('shop', { type: 'session', pick: ['sess:a'] }, NOW)).toEqual({
      project_id: 'shop',
      replay_type: 'session',
      ids: ['sess:a'],
    });
  });

  it('takes all that match, but some', () => {
    const asked = askedOf(
      'shop',
      { type: 'session', all: true, not: ['sess:b'], q: 'refund' },
      NOW,
    );
    expect(asked.select_all).toBe(true);
    expect(asked.exclude_ids).toEqual(['sess:b']);
    expect(asked.filter?.text).toBe('refund');
    expect(asked.ids).toBeUndefined();
  });
});

describe('who is run', () => {
  it('is an agent of the server by its name', () => {
    expect(targetOf({ ...USUAL, targetName: 'prod.yaml' })).toEqual({ target_name: 'prod.yaml' });
  });

  it('or an endpoint, with its headers', () => {
    const found = targetOf({ ...USUAL, url: ' http://agent/x ', headers: 'X-A: b:c\n\nbad' });
    expect(found).toMatchObject({ target: { url: 'http://agent/x', headers: { 'X-A': 'b:c' } } });
  });

  it('is asked for before a run can begin', () => {
    expect(isReady(USUAL)).toBe(false);
    expect(isReady({ ...USUAL, url: 'agent.example' })).toBe(false);
    expect(isReady({ ...USUAL, url: 'https://agent.example' })).toBe(true);
  });
});

it('a header without a colon is none', () => {
  expect(headersOf('nothing')).toEqual({});
});

it('a budget is only sent where it is set', () => {
  expect(optionsOf(USUAL)).not.toHaveProperty('budget');
  expect(optionsOf({ ...USUAL, maxTurns: 5 }).budget).toEqual({ max_turns: 5 });
});
