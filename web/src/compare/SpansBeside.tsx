import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { SpanView } from '@/api/types';
import { Waiting } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { SpanDetails } from '@/shared/spans/SpanDetails';
import { SpanTable } from '@/shared/spans/SpanTable';
import { tracesOf } from '@/shared/spans/spanTree';
import { ToneNote } from '@/shared/Tone';
import classes from './compare.module.css';
import { callSpansQuery } from './queries';

/** The spans of the recording, and those that the agent sent while it was replayed. */
export function SpansBeside({ id }: { id: string }) {
  const found = useQuery(callSpansQuery(id));
  if (found.isError) {
    return <ProblemNotice error={found.error} onRetry={() => void found.refetch()} />;
  }
  if (!found.data) return <Waiting />;
  return (
    <div className={classes['twoPanels']}>
      <Spans label="Original" spans={found.data.baseline} none="Its spans were deleted." />
      <Spans
        label="Replay"
        spans={found.data.replay}
        none="The agent sent none: let its exporter send to this server while it is replayed."
      />
    </div>
  );
}

interface SpansProps {
  readonly label: string;
  readonly spans: readonly SpanView[];
  readonly none: string;
}

function Spans({ label, spans, none }: SpansProps) {
  const [picked, setPicked] = useState<string>();
  const traces = useMemo(() => tracesOf(spans), [spans]);
  const span = spans.find(({ span_id: id }) => id === picked);
  return (
    <section className={classes['stack']} aria-label={`Spans: ${label}`}>
      <h2 className={classes['title']}>{label}</h2>
      {spans.length === 0 ? (
        <ToneNote tone="muted" title="No spans">
          {none}
        </ToneNote>
      ) : (
        <SpanTable label={`Spans: ${label}`} traces={traces} picked={picked} onPick={setPicked} />
      )}
      {span && <SpanDetails span={span} onClose={() => setPicked(undefined)} />}
    </section>
  );
}
