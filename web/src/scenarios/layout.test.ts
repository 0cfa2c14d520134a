import { expect, it } from 'vitest';
import type { Graph } from '@/api/types';
import { marksOf, placed } from './layout';

const graph: Graph = {
  nodes: ['start', 'look', 'pay', 'end'].map((id) => ({ id, label: id, kind: 'say', count: 1 })),
  edges: [
    { source: 'start', target: 'look', label: 'hello', count: 2 },
    { source: 'look', target: 'pay', label: 'refund', count: 1 },
    { source: 'pay', target: 'end', label: '', count: 1 },
  ],
  paths: { 'sess:a': ['start', 'look', 'pay', 'end'] },
};

it('steps lie from left to right', () => {
  const xs = placed(graph).map(({ x }) => x);
  expect([...xs].sort((a, b) => a - b)).toEqual(xs);
});

it('a path is marked, and is bad from the turn on where the replay parted', () => {
  const marks = marksOf(graph, 'sess:a', 2);
  expect([...marks.good]).toEqual(['start look']);
  expect([...marks.bad]).toEqual(['look pay', 'pay end']);
});

it('nothing is marked of a conversation that is not in the graph', () => {
  expect(marksOf(graph, 'sess:b', undefined).good.size).toBe(0);
});
