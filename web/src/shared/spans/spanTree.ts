/** Spans as the tree that they are, trace by trace, with where each lies in time. */
import type { SpanView } from '@/api/types';

export interface SpanRow {
  readonly span: SpanView;
  readonly depth: number;
  readonly children: number;
  /** Where it begins and how long it is, as parts of its trace's time: 0 to 1. */
  readonly from: number;
  readonly share: number;
}

export interface TraceRows {
  readonly traceId: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly rows: readonly SpanRow[];
}

interface Scale {
  readonly start: number;
  readonly length: number;
}

const startOf = (span: SpanView) => Date.parse(span.started_at) + microsOf(span.started_at);
const endOf = (span: SpanView) => startOf(span) + span.duration_ms;

/** What a Date drops: the microseconds, as a part of a millisecond. */
function microsOf(iso: string): number {
  const digits = /\.\d{3}(\d{1,3})/.exec(iso)?.[1];
  return digits === undefined ? 0 : Number(digits.padEnd(3, '0')) / 1_000;
}

/** Traces in the order of their starts. A span whose parent is not there stands at the top. */
export function tracesOf(spans: readonly SpanView[]): readonly TraceRows[] {
  const byTrace = Map.groupBy(spans, (span) => span.trace_id);
  return [...byTrace.values()].map(traceOf).sort(byStart);
}

const byStart = (a: TraceRows, b: TraceRows) => Date.parse(a.startedAt) - Date.parse(b.startedAt);

function traceOf(spans: readonly SpanView[]): TraceRows {
  const sorted = [...spans].sort((a, b) => startOf(a) - startOf(b));
  const start = Math.min(...sorted.map(startOf));
  const length = Math.max(...sorted.map(endOf)) - start;
  const first = sorted[0];
  return {
    traceId: first?.trace_id ?? '',
    startedAt: first?.started_at ?? '',
    durationMs: length,
    rows: rowsOf(sorted, { start, length }),
  };
}

function rowsOf(sorted: readonly SpanView[], scale: Scale): readonly SpanRow[] {
  const known = new Set(sorted.map((span) => span.span_id));
  const parentOf = ({ parent_span_id: parent, span_id: id }: SpanView) =>
    parent !== null && parent !== id && known.has(parent) ? parent : null;
  const children = Map.groupBy(sorted, parentOf);
  const rows: SpanRow[] = [];
  const placed = new Set<string>();
  // A stack rather than calls: a tree may be deeper than calls may be.
  const waiting = [...(children.get(null) ?? [])].reverse().map((span) => ({ span, depth: 0 }));
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { span, depth } = next;
    if (placed.has(span.span_id)) continue;
    placed.add(span.span_id);
    const below = children.get(span.span_id) ?? [];
    rows.push(rowOf(span, depth, below.length, scale));
    waiting.push(...[...below].reverse().map((child) => ({ span: child, depth: depth + 1 })));
  }
  // Spans that are their own ancestors hang nowhere; they are shown all the same.
  const lost = sorted.filter((span) => !placed.has(span.span_id));
  return [...rows, ...lost.map((span) => rowOf(span, 0, 0, scale))];
}

function rowOf(span: SpanView, depth: number, children: number, scale: Scale): SpanRow {
  const part = (ms: number) => (scale.length > 0 ? Math.min(Math.max(ms / scale.length, 0), 1) : 0);
  return {
    span,
    depth,
    children,
    from: part(startOf(span) - scale.start),
    share: scale.length > 0 ? part(span.duration_ms) : 1,
  };
}

/** The rows that are seen when those of `closed` are closed. */
export function openRows(
  rows: readonly SpanRow[],
  closed: ReadonlySet<string>,
): readonly SpanRow[] {
  let below = Infinity;
  return rows.filter(({ span, depth }) => {
    if (depth > below) return false;
    below = closed.has(span.span_id) ? depth : Infinity;
    return true;
  });
}
