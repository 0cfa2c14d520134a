import type { ToolCall } from '@/api/types';
import { type Tone, ToneBadge } from '@/shared/Tone';

type Of = NonNullable<ToolCall['provenance']>;

const SAID: Readonly<Record<Of, { tone: Tone; title: string }>> = {
  recorded: { tone: 'good', title: 'The recording answered this call' },
  declared: { tone: 'info', title: 'A declared result answered this call' },
  simulated: { tone: 'special', title: 'A model made this result up in the recorded shape' },
  live: { tone: 'warn', title: 'The tool was run for real' },
  refused: { tone: 'bad', title: 'Nobody answered this call, and nothing was run' },
};

/** Where words or a result of a replay came from. */
export function Provenance({ of }: { of: Of | null }) {
  if (of === null) return null;
  return (
    <ToneBadge tone={SAID[of].tone} title={SAID[of].title}>
      {of}
    </ToneBadge>
  );
}
