/** Where the steps of a graph lie, and which of them a conversation took. */
import { Graph as Dagre, layout } from '@dagrejs/dagre';
import type { Graph } from '@/api/types';

export const NODE = { width: 200, height: 58 } as const;

export interface Placed {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

/** The steps from left to right, in the order of the talks. */
export function placed(graph: Graph): readonly Placed[] {
  const drawn = new Dagre();
  drawn.setGraph({ rankdir: 'LR', nodesep: 26, ranksep: 64 });
  drawn.setDefaultEdgeLabel(() => ({}));
  for (const { id } of graph.nodes) drawn.setNode(id, { ...NODE });
  for (const { source, target } of graph.edges) drawn.setEdge(source, target);
  layout(drawn);
  return graph.nodes.map(({ id }) => {
    const { x, y } = drawn.node(id) as { x: number; y: number };
    return { id, x: x - NODE.width / 2, y: y - NODE.height / 2 };
  });
}

export interface Marks {
  /** Edges, as `source target`, up to where the replay parted. */
  readonly good: ReadonlySet<string>;
  /** Those after it. */
  readonly bad: ReadonlySet<string>;
}

/** The edges that a conversation took; from the turn on where its replay parted they are bad. */
export function marksOf(
  graph: Graph,
  conversation: string | undefined,
  partedAt: number | undefined,
): Marks {
  const path = conversation === undefined ? [] : (graph.paths[conversation] ?? []);
  const steps = path.slice(1).map((target, index) => `${path[index] ?? ''} ${target}`);
  // The first edge leads from the start to what the agent did on turn 1.
  const good = partedAt === undefined ? steps : steps.slice(0, Math.max(0, partedAt - 1));
  return { good: new Set(good), bad: new Set(steps.slice(good.length)) };
}
