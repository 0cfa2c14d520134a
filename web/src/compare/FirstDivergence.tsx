import { Button } from '@mantine/core';
import type { Comparison } from '@/api/types';
import { SafeText } from '@/shared/SafeText';
import { ToneNote } from '@/shared/Tone';

interface FirstDivergenceProps {
  readonly comparison: Comparison;
  readonly onPoint: (turn: number) => void;
}

/** Where the sides part, in one sentence; and where the agent first did something else. */
export function FirstDivergence({ comparison, onPoint }: FirstDivergenceProps) {
  const { first_divergence: first, first_other_act: act } = comparison;
  if (first === null) {
    return <ToneNote tone="good" title="Every turn is the same on both sides" />;
  }
  const main = act ?? first;
  return (
    <ToneNote
      tone={act === null ? 'info' : 'bad'}
      title={<SafeText text={main.sentence} as="inline" />}
    >
      <Button variant="subtle" size="compact-xs" onClick={() => onPoint(main.turn)}>
        Go to turn {main.turn}
      </Button>
      {act !== null && first.turn !== act.turn && (
        <Button variant="subtle" color="gray" size="compact-xs" onClick={() => onPoint(first.turn)}>
          The wording differs from turn {first.turn} on
        </Button>
      )}
    </ToneNote>
  );
}
