import { IconChevronRight } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { RowColumn } from '@/shared/table/columns';
import { RowTable } from '@/shared/table/RowTable';
import { visible } from '@/shared/safeText';
import { duration, when } from '@/shared/words';
import classes from './spans.module.css';
import { openRows, type SpanRow, type TraceRows } from './spanTree';

/** A row of the table: the head of a trace, or a span in it. */
type Line =
  | { readonly trace: TraceRows; readonly number: number }
  | { readonly trace: TraceRows; readonly row: SpanRow };

interface SpanTableProps {
  readonly label: string;
  readonly traces: readonly TraceRows[];
  /** The span that is looked at. */
  readonly picked: string | undefined;
  readonly onPick: (spanId: string) => void;
}

const SHOWN = new Set(['name', 'kind', 'took', 'timing']);

/** Spans as a tree beside their bars in time; each trace on a scale of its own. */
export function SpanTable({ label, traces, picked, onPick }: SpanTableProps) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const lines = useMemo(() => linesOf(traces, closed), [traces, closed]);
  const columns = useMemo(() => {
    const toggle = (id: string) => setClosed((before) => turnedOver(before, id));
    return columnsOf({ closed, picked, onPick, toggle });
  }, [closed, picked, onPick]);
  return (
    <RowTable
      label={label}
      rows={lines}
      idOf={idOf}
      nameOf={idOf}
      columns={columns}
      shown={SHOWN}
      total={lines.length}
    />
  );
}

function linesOf(traces: readonly TraceRows[], closed: ReadonlySet<string>): readonly Line[] {
  return traces.flatMap((trace, index): Line[] => {
    const head = traces.length > 1 ? [{ trace, number: index + 1 }] : [];
    return [...head, ...openRows(trace.rows, closed).map((row) => ({ trace, row }))];
  });
}

const idOf = (line: Line) =>
  'row' in line ? `${line.trace.traceId} ${line.row.span.span_id}` : line.trace.traceId;

function turnedOver(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const changed = new Set(ids);
  if (!changed.delete(id)) changed.add(id);
  return changed;
}

interface ColumnsGiven {
  readonly closed: ReadonlySet<string>;
  readonly picked: string | undefined;
  readonly onPick: (spanId: string) => void;
  readonly toggle: (spanId: string) => void;
}

function columnsOf(given: ColumnsGiven): readonly RowColumn<Line>[] {
  return [
    {
      id: 'name',
      header: 'Span',
      main: true,
      cell: (line) =>
        'row' in line ? <Name row={line.row} {...given} /> : <TraceName {...line} />,
    },
    {
      id: 'kind',
      header: 'Kind',
      width: 84,
      cell: (line) =>
        'row' in line ? <span className="dim">{visible(line.row.span.kind)}</span> : '',
    },
    {
      id: 'took',
      header: 'Took',
      width: 84,
      align: 'right',
      cell: (line) => duration('row' in line ? line.row.span.duration_ms : line.trace.durationMs),
    },
    {
      id: 'timing',
      header: 'Timing',
      wide: true,
      cell: (line) => ('row' in line ? <Bar row={line.row} /> : null),
    },
  ];
}

function TraceName({ trace, number }: { trace: TraceRows; number: number }) {
  return (
    <strong>
      Trace {number} <span className={classes['since']}>{when(trace.startedAt)}</span>
    </strong>
  );
}

interface NameProps extends ColumnsGiven {
  readonly row: SpanRow;
}

function Name({ row: { span, depth, children }, closed, picked, onPick, toggle }: NameProps) {
  const isOpen = !closed.has(span.span_id);
  const name = visible(span.name);
  return (
    <span className={classes['name']} style={{ paddingLeft: Math.min(depth, 12) * 16 }}>
      {children > 0 ? (
        <button
          type="button"
          className={classes['toggle']}
          aria-expanded={isOpen}
          aria-label={`Spans below ${name}`}
          onClick={() => toggle(span.span_id)}
        >
          <IconChevronRight size={13} stroke={2} aria-hidden />
        </button>
      ) : (
        <span className={classes['leaf']} />
      )}
      <button
        type="button"
        className={classes['pick']}
        data-row-link
        aria-pressed={picked === span.span_id}
        title={name}
        onClick={() => onPick(span.span_id)}
      >
        <bdi>{name}</bdi>
      </button>
      {span.status === 'error' && <span className={classes['error']}>error</span>}
    </span>
  );
}

function Bar({ row: { span, from, share } }: { row: SpanRow }) {
  return (
    <span className={classes['track']}>
      <span
        className={classes['bar']}
        data-kind={span.kind}
        data-status={span.status}
        style={{ left: `${from * 100}%`, width: `${share * 100}%` }}
      />
    </span>
  );
}
