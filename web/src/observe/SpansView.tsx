import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { Waiting } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { SpanDetails } from '@/shared/spans/SpanDetails';
import { SpanTable } from '@/shared/spans/SpanTable';
import { tracesOf } from '@/shared/spans/spanTree';
import { ToneNote } from '@/shared/Tone';
import { count } from '@/shared/words';
import { MOST_SPANS, spansQuery } from './queries';
import classes from './SpansView.module.css';

interface SpansViewProps {
  readonly project: string;
  /** The conversation. */
  readonly id: string;
  readonly picked: string | undefined;
  readonly onPick: (spanId: string | undefined) => void;
}

/** The spans of a conversation as trees in time, and the one that is looked at beside them. */
export function SpansView({ project, id, picked, onPick }: SpansViewProps) {
  const found = useQuery(spansQuery(project, id));
  const traces = useMemo(() => tracesOf(found.data?.spans ?? []), [found.data]);
  const close = useCallback(() => {
    const row = document.querySelector<HTMLElement>('[data-row-link][aria-pressed="true"]');
    onPick(undefined);
    row?.focus();
  }, [onPick]);
  if (found.isError) {
    return <ProblemNotice error={found.error} onRetry={() => void found.refetch()} />;
  }
  if (!found.data) return <Waiting />;
  const span = found.data.spans.find(({ span_id: one }) => one === picked);
  return (
    <div className={classes['view']} data-beside={span !== undefined || undefined}>
      {!found.data.isAll && (
        <ToneNote tone="info" title={`Only the first ${count(MOST_SPANS)} spans are shown`} />
      )}
      <div className={classes['columns']}>
        <SpanTable label="Spans" traces={traces} picked={picked} onPick={onPick} />
        {span && <SpanDetails span={span} onClose={close} />}
      </div>
    </div>
  );
}
