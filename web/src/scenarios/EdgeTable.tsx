import { Table } from '@mantine/core';
import type { Graph } from '@/api/types';
import { oneLine, visible } from '@/shared/safeText';
import { count } from '@/shared/words';

/** The graph as a table: for who does not see it, and to look things up. */
export function EdgeTable({ graph }: { graph: Graph }) {
  const names = new Map(graph.nodes.map(({ id, label }) => [id, label]));
  const nameOf = (id: string) => oneLine(visible(names.get(id) ?? id), 120);
  const sorted = [...graph.edges].sort((a, b) => b.count - a.count);
  return (
    <Table.ScrollContainer minWidth={640} type="native" tabIndex={0}>
      <Table aria-label="What followed what">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>What the agent did</Table.Th>
            <Table.Th>What the user did next</Table.Th>
            <Table.Th>What the agent did then</Table.Th>
            <Table.Th ta="right">Times</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sorted.map((edge, index) => (
            <Table.Tr key={`${edge.source} ${edge.target} ${index}`}>
              <Table.Td>{nameOf(edge.source)}</Table.Td>
              <Table.Td>{oneLine(visible(edge.label), 160)}</Table.Td>
              <Table.Td>{nameOf(edge.target)}</Table.Td>
              <Table.Td ta="right" className="numbers">
                {count(edge.count)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
