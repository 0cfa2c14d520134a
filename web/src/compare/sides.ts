/** A comparison as rows: each turn of the baseline beside the one of the replay. */
import type {
  Comparison,
  TextOp,
  ToolDiff,
  TurnComparison,
  TurnStatus,
  TurnView,
} from '@/api/types';
import type { Tone } from '@/shared/Tone';

export interface Pair {
  readonly turn: TurnComparison;
  /** Null for a turn that only the replay has. */
  readonly left: TurnView | null;
  /** Null for a turn that was not said. */
  readonly right: TurnView | null;
}

export function pairsOf(
  left: readonly TurnView[],
  right: readonly TurnView[],
  comparison: Comparison,
): readonly Pair[] {
  const before = new Map(left.map((turn) => [turn.index, turn]));
  const after = new Map(right.map((turn) => [turn.index, turn]));
  return comparison.turns.map((turn) => ({
    turn,
    left: turn.recorded_turn === null ? null : (before.get(turn.recorded_turn) ?? null),
    right: turn.replayed_turn === null ? null : (after.get(turn.replayed_turn) ?? null),
  }));
}

const STATUSES: Readonly<Record<TurnStatus, { words: string; tone: Tone }>> = {
  error: { words: 'The agent failed', tone: 'bad' },
  missing: { words: 'Not in the replay', tone: 'muted' },
  extra: { words: 'Only in the replay', tone: 'info' },
  tools_changed: { words: 'Other tools', tone: 'bad' },
  arguments_changed: { words: 'Other arguments', tone: 'warn' },
  text_changed: { words: 'Other words', tone: 'info' },
  same: { words: 'Same', tone: 'good' },
};

export const statusWords = (status: TurnStatus): string => STATUSES[status].words;
export const statusTone = (status: TurnStatus): Tone => STATUSES[status].tone;

/** The numbers of the turns that are not the same, in order. */
export function differences(pairs: readonly Pair[]): readonly number[] {
  return pairs.filter(({ turn }) => turn.status !== 'same').map(({ turn }) => turn.index);
}

/** The difference after (or before) a turn; the first (last) one where none is pointed at. */
export function nextDifference(
  all: readonly number[],
  from: number | undefined,
  step: 1 | -1,
): number | undefined {
  const ordered = step === 1 ? all : [...all].reverse();
  const isBeyond = (index: number) => from === undefined || (index - from) * step > 0;
  return ordered.find(isBeyond) ?? ordered[0];
}

/** The words of one side, in pieces: those that the other side has too, and those it lacks. */
export interface Words {
  readonly text: string;
  readonly isOther: boolean;
}

export function wordsOf(ops: readonly TextOp[], side: 'baseline' | 'replay'): readonly Words[] {
  return ops
    .map((op) => ({ text: op[side], isOther: op.op !== 'equal' }))
    .filter(({ text }) => text !== '');
}

/** The first `most` characters of pieces, and whether there are more. */
export function cutWords(
  pieces: readonly Words[],
  most: number,
): { readonly pieces: readonly Words[]; readonly isCut: boolean } {
  const kept: Words[] = [];
  let left = most;
  for (const piece of pieces) {
    if (left <= 0) return { pieces: kept, isCut: true };
    kept.push({ ...piece, text: piece.text.slice(0, left) });
    left -= piece.text.length;
  }
  return { pieces: kept, isCut: left < 0 };
}

const OPS: Readonly<Record<ToolDiff['op'], { words: string; tone: Tone }>> = {
  same: { words: 'same', tone: 'good' },
  arguments: { words: 'other arguments', tone: 'warn' },
  replaced: { words: 'another tool', tone: 'bad' },
  added: { words: 'only in the replay', tone: 'bad' },
  removed: { words: 'not in the replay', tone: 'bad' },
};

export const opWords = (op: ToolDiff['op']): string => OPS[op].words;
export const opTone = (op: ToolDiff['op']): Tone => OPS[op].tone;
