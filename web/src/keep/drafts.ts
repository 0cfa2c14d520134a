/** Expectations while they are edited: arguments are text until they are JSON. */
import type { ExpectationAsked, KeepProposal } from '@/api/types';

export const KINDS = [
  'must_call',
  'must_not_call',
  'text_contains',
  'text_not_contains',
  'text_equals',
] as const satisfies readonly ExpectationAsked['kind'][];

export interface Draft {
  readonly key: number;
  readonly isKept: boolean;
  readonly kind: ExpectationAsked['kind'];
  readonly turn: number | '';
  readonly tool: string;
  readonly args: string;
  readonly text: string;
  readonly reason: string | null;
}

export const isOfTool = (kind: Draft['kind']): boolean =>
  kind === 'must_call' || kind === 'must_not_call';

export function draftsOf(expectations: KeepProposal['expectations']): readonly Draft[] {
  return expectations.map((one, key) => ({
    key,
    isKept: true,
    kind: one.kind,
    turn: one.turn ?? '',
    tool: one.tool ?? '',
    args: one.arguments === null ? '' : JSON.stringify(one.arguments),
    text: one.text ?? '',
    reason: one.reason,
  }));
}

export function freshDraft(drafts: readonly Draft[]): Draft {
  const key = 1 + Math.max(-1, ...drafts.map((draft) => draft.key));
  return {
    key,
    isKept: true,
    kind: 'must_call',
    turn: '',
    tool: '',
    args: '',
    text: '',
    reason: null,
  };
}

/** What is wrong with a draft; null where it can be sent. */
export function faultOf(draft: Draft): string | null {
  if (!isOfTool(draft.kind)) return draft.text.trim() === '' ? 'Give the words' : null;
  if (draft.tool.trim() === '') return 'Name the tool';
  if (draft.args.trim() === '') return null;
  try {
    const found: unknown = JSON.parse(draft.args);
    const isObject = typeof found === 'object' && found !== null && !Array.isArray(found);
    return isObject ? null : 'The arguments are an object, such as {"order_id": "A-1"}';
  } catch {
    return 'The arguments are no JSON';
  }
}

/** The expectations that are ticked. */
export function expectationsOf(drafts: readonly Draft[]): readonly ExpectationAsked[] {
  return drafts
    .filter((draft) => draft.isKept && faultOf(draft) === null)
    .map((draft) => ({
      kind: draft.kind,
      turn: draft.turn === '' ? null : draft.turn,
      reason: draft.reason,
      ...(isOfTool(draft.kind)
        ? { tool: draft.tool.trim(), arguments: draft.args.trim() ? parsed(draft.args) : null }
        : { text: draft.text }),
    }));
}

const parsed = (text: string) => JSON.parse(text) as Record<string, unknown>;
