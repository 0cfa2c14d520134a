import { Button } from '@mantine/core';
import { IconGitFork } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import type { TurnView } from '@/api/types';
import { SafeText } from '@/shared/SafeText';
import { Speech } from '@/shared/talk/Speech';
import { ToneBadge, ToneNote } from '@/shared/Tone';
import { duration } from '@/shared/words';
import classes from './compare.module.css';
import { Provenance } from './Provenance';
import { type Pair, statusTone, statusWords, wordsOf } from './sides';
import { ToolPair } from './ToolPair';
import { WordDiff } from './WordDiff';

interface TurnPairProps {
  readonly pair: Pair;
  readonly isPointedAt: boolean;
  readonly onFork: ((turn: number) => void) | null;
}

/** A turn of both sides: the user's words, what the agent did, what it said. */
export function TurnPair({ pair, isPointedAt, onFork }: TurnPairProps) {
  const { turn, left, right } = pair;
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isPointedAt) box.current?.scrollIntoView({ block: 'center' });
  }, [isPointedAt]);
  return (
    <section
      ref={box}
      className={classes['turn']}
      data-pointed={isPointedAt || undefined}
      data-status={turn.status}
      aria-label={`Turn ${turn.index}: ${statusWords(turn.status)}`}
    >
      <header className={classes['head']}>
        <h2 className={classes['title']}>Turn {turn.index}</h2>
        <ToneBadge tone={statusTone(turn.status)}>{statusWords(turn.status)}</ToneBadge>
        {turn.after_divergence && <span className="dim">after the talks parted</span>}
        <span className={classes['times']}>
          {duration(left?.latency_ms)} → {duration(right?.latency_ms)}
        </span>
        {onFork && turn.recorded_turn !== null && (
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            leftSection={<IconGitFork size={14} stroke={1.7} />}
            onClick={() => onFork(turn.index)}
          >
            Fork here
          </Button>
        )}
      </header>
      <UserWords left={left} right={right} />
      {turn.tool_diff.map((diff, index) => (
        <ToolPair key={index} diff={diff} />
      ))}
      <Answers pair={pair} />
      {turn.note !== null && (
        <div className={classes['note']}>
          <SafeText text={turn.note} />
        </div>
      )}
    </section>
  );
}

function UserWords({ left, right }: { left: TurnView | null; right: TurnView | null }) {
  const beside = right && (
    <>
      <Provenance of={right.provenance} />
      {right.misfit !== null && (
        <ToneBadge tone="warn" title={right.misfit}>
          did not fit what the agent had said
        </ToneBadge>
      )}
    </>
  );
  if (left?.user != null && left.user === right?.user) {
    return <Speech by="user" name={left.user_id} text={left.user} beside={beside} />;
  }
  return (
    <div className={classes['row']}>
      {left?.user != null ? <Speech by="user" text={left.user} /> : <Gap />}
      {right?.user != null ? <Speech by="user" text={right.user} beside={beside} /> : <Gap />}
    </div>
  );
}

function Answers({ pair: { turn, left, right } }: { pair: Pair }) {
  return (
    <div className={classes['row']}>
      <Answer view={left} ops={turn.text_diff} side="baseline" />
      <Answer view={right} ops={turn.text_diff} side="replay" />
    </div>
  );
}

interface AnswerProps {
  readonly view: TurnView | null;
  readonly ops: Pair['turn']['text_diff'];
  readonly side: 'baseline' | 'replay';
}

function Answer({ view, ops, side }: AnswerProps) {
  if (view === null) return <Gap />;
  if (view.error !== null) {
    return (
      <ToneNote tone="bad" title="The agent gave no answer">
        <SafeText text={view.error} />
      </ToneNote>
    );
  }
  if (view.assistant === null) return <p className={classes['gap']}>No answer</p>;
  if (ops.length === 0) return <Speech by="agent" text={view.assistant} />;
  return (
    <div className={classes['said']}>
      <div className={classes['by']}>Agent</div>
      <WordDiff pieces={wordsOf(ops, side)} side={side} />
    </div>
  );
}

function Gap() {
  return <div className={classes['gap']}>Not said on this side</div>;
}
