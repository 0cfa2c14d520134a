import type { ArgumentChange, ToolCall, ToolDiff } from '@/api/types';
import { previewOf } from '@/shared/json';
import { SafeText } from '@/shared/SafeText';
import { oneLine, visible } from '@/shared/safeText';
import { ToolCallCard } from '@/shared/talk/ToolCallCard';
import { ToneBadge } from '@/shared/Tone';
import classes from './compare.module.css';
import { Provenance } from './Provenance';
import { opTone, opWords } from './sides';

/** A tool call of each side, aligned; a gap where a side has none. */
export function ToolPair({ diff }: { diff: ToolDiff }) {
  return (
    <div className={classes['row']}>
      <Side call={diff.baseline} diff={diff} side="baseline" />
      <Side call={diff.replay} diff={diff} side="replay" />
    </div>
  );
}

interface SideProps {
  readonly call: ToolCall | null;
  readonly diff: ToolDiff;
  readonly side: 'baseline' | 'replay';
}

function Side({ call, diff, side }: SideProps) {
  if (call === null) {
    return <div className={classes['gap']}>No such call on this side</div>;
  }
  const isReplay = side === 'replay';
  return (
    <div>
      <ToolCallCard
        call={call}
        isOpen={diff.op === 'replaced' || diff.op === 'added' || diff.op === 'removed'}
        beside={
          <>
            {isReplay && <Provenance of={call.provenance} />}
            {diff.op !== 'same' && <ToneBadge tone={opTone(diff.op)}>{opWords(diff.op)}</ToneBadge>}
          </>
        }
      />
      {diff.changes.length > 0 && <Changes changes={diff.changes} side={side} />}
      {isReplay && call.served?.miss != null && (
        <div className={classes['served']}>
          <SafeText text={call.served.miss} />
          {call.served.declare !== null && <SafeText text={call.served.declare} as="code" />}
        </div>
      )}
    </div>
  );
}

function Changes({
  changes,
  side,
}: {
  changes: readonly ArgumentChange[];
  side: SideProps['side'];
}) {
  const Mark = side === 'baseline' ? 'del' : 'ins';
  const isHere = ({ op }: ArgumentChange) => op !== (side === 'baseline' ? 'added' : 'removed');
  return (
    <dl className={classes['changes']}>
      {changes.map((change) => (
        <div key={change.path}>
          <dt>{visible(change.path)}</dt>
          <dd>
            {isHere(change) ? (
              <Mark>{oneLine(visible(previewOf(change[side])), 300)}</Mark>
            ) : (
              <span className="dim">not given</span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
