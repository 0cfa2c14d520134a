import { useState } from 'react';
import type { CallDetail } from '@/api/types';
import { ToneNote } from '@/shared/Tone';
import classes from './compare.module.css';
import { ForkDialog } from './ForkDialog';
import type { Pair } from './sides';
import { TurnPair } from './TurnPair';

interface TurnsBesideProps {
  readonly project: string;
  readonly detail: CallDetail;
  readonly pairs: readonly Pair[];
  readonly names: readonly [string, string];
  readonly turn: number | undefined;
  readonly canFork: boolean;
}

/** All turns of both sides, one below the other. */
export function TurnsBeside({ project, detail, pairs, names, turn, canFork }: TurnsBesideProps) {
  const [forked, setForked] = useState<number | null>(null);
  const words = pairs.find((pair) => pair.turn.index === forked)?.left?.user ?? '';
  return (
    <div className={classes['turns']}>
      <div className={classes['sides']}>
        <span>{names[0]}</span>
        <span>{names[1]}</span>
      </div>
      {pairs.map((pair) => (
        <TurnPair
          key={`${pair.turn.index} ${pair.turn.replayed_turn ?? ''}`}
          pair={pair}
          isPointedAt={pair.turn.index === turn}
          onFork={canFork ? setForked : null}
        />
      ))}
      {pairs.length === 0 && (
        <ToneNote tone="muted" title="No turn has been replayed yet">
          The turns show here as soon as they are kept.
        </ToneNote>
      )}
      {forked !== null && (
        <ForkDialog
          project={project}
          callId={detail.call.id}
          at={forked}
          words={words}
          onClose={() => setForked(null)}
        />
      )}
    </div>
  );
}
