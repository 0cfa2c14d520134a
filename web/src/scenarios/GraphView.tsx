import {
  Background,
  Controls,
  type Edge,
  MarkerType,
  type Node,
  Position,
  ReactFlow,
} from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { useMemo } from 'react';
import type { Graph } from '@/api/types';
import { oneLine, visible } from '@/shared/safeText';
import classes from './graph.module.css';
import { marksOf, NODE, placed } from './layout';

interface GraphViewProps {
  readonly graph: Graph;
  /** The conversation whose path is marked. */
  readonly marked: string | undefined;
  /** The turn where its replay parted. */
  readonly partedAt: number | undefined;
}

/** The talks as one graph: what the agent did, and what the user did next, with counts. */
export default function GraphView({ graph, marked, partedAt }: GraphViewProps) {
  const nodes = useMemo(() => nodesOf(graph), [graph]);
  const edges = useMemo(() => edgesOf(graph, marked, partedAt), [graph, marked, partedAt]);
  return (
    <div className={classes['graph']} role="region" aria-label="Graph of the talks">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        fitView
        minZoom={0.05}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        proOptions={{ hideAttribution: true }}
      >
        <Background />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}

function nodesOf(graph: Graph): Node[] {
  const known = new Map(graph.nodes.map((node) => [node.id, node]));
  return placed(graph).map(({ id, x, y }) => {
    const node = known.get(id);
    return {
      id,
      position: { x, y },
      width: NODE.width,
      height: NODE.height,
      className: classes[node?.kind ?? 'say'] ?? '',
      sourcePosition: Position.Right,
      targetPosition: Position.Left,
      data: {
        label: (
          <>
            <span className={classes['label']}>{oneLine(visible(node?.label ?? id), 70)}</span>
            <span className={classes['count']}>{node?.count ?? 0} ×</span>
          </>
        ),
      },
      ariaLabel: `${visible(node?.label ?? id)}, ${node?.count ?? 0} times`,
    };
  });
}

function edgesOf(graph: Graph, marked: string | undefined, partedAt: number | undefined): Edge[] {
  const marks = marksOf(graph, marked, partedAt);
  const most = Math.max(1, ...graph.edges.map((edge) => edge.count));
  return graph.edges.map((edge, index) => {
    const name = `${edge.source} ${edge.target}`;
    const mark = marks.bad.has(name) ? 'bad' : marks.good.has(name) ? 'good' : 'plain';
    return {
      id: `${name} ${index}`,
      source: edge.source,
      target: edge.target,
      label: edge.count > 1 ? `${oneLine(visible(edge.label), 40)} (${edge.count})` : '',
      className: classes[mark] ?? '',
      style: { strokeWidth: 1 + (4 * edge.count) / most },
      markerEnd: { type: MarkerType.ArrowClosed },
    };
  });
}
