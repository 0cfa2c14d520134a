import { describe, expect, it } from 'vitest';
import type { Comparison, TextOp, TurnComparison, TurnView } from '@/api/types';
import { cutWords, differences, nextDifference, pairsOf, wordsOf } from './sides';

const turn = (index: number, status: TurnComparison['status'], right: number | null = index) =>
  ({ index, status, recorded_turn: index, replayed_turn: right }) as TurnComparison;
const view = (index: number) => ({ index }) as TurnView;
const comparison = {
  turns: [turn(1, 'same'), turn(2, 'text_changed'), turn(3, 'missing', null)],
} as unknown as Comparison;

describe('the rows of a comparison', () => {
  const pairs = pairsOf([view(1), view(2), view(3)], [view(1), view(2)], comparison);

  it('stand beside each other, with a gap where a side has none', () => {
    expect(pairs.map(({ left, right }) => [left?.index, right?.index])).toEqual([
      [1, 1],
      [2, 2],
      [3, undefined],
    ]);
  });

  it('differ where they are not the same', () => {
    expect(differences(pairs)).toEqual([2, 3]);
  });
});

describe('going from difference to difference', () => {
  it('begins with the first, or the last', () => {
    expect(nextDifference([2, 3], undefined, 1)).toBe(2);
    expect(nextDifference([2, 3], undefined, -1)).toBe(3);
  });

  it('goes on from where one is, and around at the end', () => {
    expect(nextDifference([2, 3], 2, 1)).toBe(3);
    expect(nextDifference([2, 3], 3, 1)).toBe(2);
    expect(nextDifference([2, 3], 2, -1)).toBe(3);
  });

  it('leads nowhere where all is the same', () => {
    expect(nextDifference([], 1, 1)).toBeUndefined();
  });
});

describe('the words of one side', () => {
  const ops: TextOp[] = [
    { op: 'equal', baseline: 'It is ', replay: 'It is ' },
    { op: 'replace', baseline: 'shipped', replay: 'lost' },
    { op: 'insert', baseline: '', replay: ' today' },
  ];

  it('hold what the other side lacks, marked', () => {
    expect(wordsOf(ops, 'baseline')).toEqual([
      { text: 'It is ', isOther: false },
      { text: 'shipped', isOther: true },
    ]);
    expect(wordsOf(ops, 'replay').map(({ text }) => text)).toEqual(['It is ', 'lost', ' today']);
  });

  it('are cut where they are long', () => {
    const cut = cutWords(wordsOf(ops, 'replay'), 8);
    expect(cut.isCut).toBe(true);
    expect(cut.pieces.map(({ text }) => text).join('')).toBe('It is lo');
    expect(cutWords(wordsOf(ops, 'replay'), 100).isCut).toBe(false);
  });
});
