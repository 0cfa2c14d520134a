import { describe, expect, it } from 'vitest';
import { draftsOf, expectationsOf, faultOf, freshDraft } from './drafts';

const PROPOSED = [
  {
    kind: 'must_not_call' as const,
    turn: 4,
    tool: 'issue_refund',
    arguments: { order_id: 'A-1' },
    text: null,
    reason: 'the recording called it',
  },
];

describe('expectations that are edited', () => {
  it('come back as they were proposed', () => {
    expect(expectationsOf(draftsOf(PROPOSED))).toEqual([
      {
        kind: 'must_not_call',
        turn: 4,
        tool: 'issue_refund',
        arguments: { order_id: 'A-1' },
        reason: 'the recording called it',
      },
    ]);
  });

  it('are left out where they are not ticked', () => {
    expect(expectationsOf(draftsOf(PROPOSED).map((one) => ({ ...one, isKept: false })))).toEqual(
      [],
    );
  });

  it('say what they lack', () => {
    const fresh = freshDraft([]);
    expect(faultOf(fresh)).toBe('Name the tool');
    expect(faultOf({ ...fresh, tool: 'x', args: '[1]' })).toContain('object');
    expect(faultOf({ ...fresh, tool: 'x', args: '{' })).toContain('no JSON');
    expect(faultOf({ ...fresh, tool: 'x' })).toBeNull();
    expect(faultOf({ ...fresh, kind: 'text_contains' })).toBe('Give the words');
  });

  it('have keys of their own', () => {
    expect(freshDraft(draftsOf(PROPOSED)).key).toBe(1);
    expect(freshDraft([]).key).toBe(0);
  });
});
