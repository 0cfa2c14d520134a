import type { CallView } from '@/api/types';
import { type Tone, ToneBadge } from '@/shared/Tone';

type Verdict = CallView['verdict'];

const SAID: Readonly<Record<Verdict, { words: string; tone: Tone }>> = {
  fixed: { words: 'Fixed', tone: 'good' },
  passing: { words: 'Passing', tone: 'good' },
  still_failing: { words: 'Still failing', tone: 'bad' },
  regressed: { words: 'Regressed', tone: 'bad' },
  flaky: { words: 'Flaky', tone: 'warn' },
  no_evidence: { words: 'No evidence', tone: 'muted' },
  not_comparable: { words: 'Not comparable', tone: 'warn' },
};

export const VERDICTS = Object.keys(SAID) as readonly Verdict[];
export const verdictWords = (verdict: Verdict): string => SAID[verdict].words;

/** The verdict of a row in a word. */
export function VerdictBadge({ verdict, title }: { verdict: Verdict; title?: string }) {
  return (
    <ToneBadge tone={SAID[verdict].tone} {...(title === undefined ? {} : { title })}>
      {SAID[verdict].words}
    </ToneBadge>
  );
}
