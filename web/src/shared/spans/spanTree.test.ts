import { expect, test } from 'vitest';
import type { SpanView } from '@/api/types';
import { openRows, tracesOf } from './spanTree';

function span(id: string, parent: string | null, from: number, ms: number, trace = 't1'): SpanView {
  return {
    span_id: id,
    trace_id: trace,
    parent_span_id: parent,
    name: id,
    kind: 'other',
    service: null,
    status: 'ok',
    status_message: '',
    started_at: new Date(1_700_000_000_000 + from).toISOString(),
    duration_ms: ms,
    attributes: {},
    resource: {},
    scope: '',
    reader: 'generic',
    events: [],
    cut: [],
  };
}

const shape = (spans: readonly SpanView[]) =>
  tracesOf(spans).flatMap(({ rows }) =>
    rows.map(({ span: { name }, depth }) => `${depth} ${name}`),
  );

test('children stand below their parents, in the order of their starts', () => {
  const spans = [span('b', 'root', 50, 10), span('root', null, 0, 100), span('a', 'root', 10, 20)];
  expect(shape([...spans, span('a1', 'a', 12, 5)])).toEqual(['0 root', '1 a', '2 a1', '1 b']);
});

test('a span whose parent did not come stands at the top', () => {
  expect(shape([span('lost', 'nowhere', 0, 1)])).toEqual(['0 lost']);
});

test('spans that are their own ancestors are shown, and end', () => {
  const loop = [span('a', 'b', 0, 1), span('b', 'a', 1, 1), span('c', 'c', 2, 1)];
  expect(shape(loop)).toEqual(['0 c', '0 a', '0 b']);
});

test('a very deep tree is no trouble', () => {
  const deep = Array.from({ length: 20_000 }, (_, at) =>
    span(`s${at}`, at === 0 ? null : `s${at - 1}`, at, 1),
  );
  expect(shape(deep).at(-1)).toBe('19999 s19999');
});

test('each trace has a scale of its own, and they come in the order of their starts', () => {
  const traces = tracesOf([
    span('later', null, 60_000, 10, 't2'),
    span('root', null, 0, 200),
    span('half', 'root', 100, 100),
  ]);
  expect(traces.map(({ traceId, durationMs }) => [traceId, durationMs])).toEqual([
    ['t1', 200],
    ['t2', 10],
  ]);
  expect(traces[0]?.rows[1]).toMatchObject({ from: 0.5, share: 0.5, depth: 1 });
  expect(traces[1]?.rows[0]).toMatchObject({ from: 0, share: 1 });
});

test('a trace of no length is drawn in full', () => {
  expect(tracesOf([span('a', null, 0, 0)])[0]?.rows[0]).toMatchObject({ from: 0, share: 1 });
});

test('what is below a closed span is not shown', () => {
  const rows = tracesOf([
    span('root', null, 0, 100),
    span('a', 'root', 1, 10),
    span('a1', 'a', 2, 5),
    span('b', 'root', 20, 10),
  ])[0]?.rows;
  const seen = openRows(rows ?? [], new Set(['a'])).map((row) => row.span.name);
  expect(seen).toEqual(['root', 'a', 'b']);
});
