import { IconRobot } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { AgentDefinition } from '@/api/types';
import { EmptyState } from '@/shared/EmptyState';
import { ListPage } from '@/shared/ListPage';
import { oneLine, visible } from '@/shared/safeText';
import type { RowColumn } from '@/shared/table/columns';
import { count, UNKNOWN, when } from '@/shared/words';

import { agentsQuery } from './queries';

const route = getRouteApi('/p/$project/agents');

/** The agents of a project, by name. */
export function AgentsPage() {
  const { project } = route.useParams();
  const list = useInfiniteQuery(agentsQuery(project));
  const columns = useMemo(() => columnsOf(project), [project]);
  return (
    <ListPage
      title="Agents"
      list={list}
      columns={columns}
      empty={
        <EmptyState icon={IconRobot} title="No agent yet">
          An agent is defined the first time that a conversation of it is replayed.
        </EmptyState>
      }
    />
  );
}

const latest = (agent: AgentDefinition) => agent.versions.at(-1);

function columnsOf(project: string): readonly RowColumn<AgentDefinition>[] {
  return [
    {
      id: 'name',
      header: 'Agent',
      main: true,
      cell: ({ id, name }) => (
        <Link to="/p/$project/agents/$id" params={{ project, id }} data-row-link>
          <bdi>{oneLine(visible(name), 100)}</bdi>
        </Link>
      ),
    },
    {
      id: 'versions',
      header: 'Versions',
      width: 100,
      align: 'right',
      cell: ({ versions }) => count(versions.length),
    },
    {
      id: 'model',
      header: 'Model',
      width: 180,
      cell: (agent) => visible(latest(agent)?.snapshot.model ?? UNKNOWN),
    },
    {
      id: 'tools',
      header: 'Tools',
      width: 260,
      cell: (agent) => (
        <span className="mono">
          {oneLine(
            visible(
              latest(agent)
                ?.snapshot.tools.map(({ name }) => name)
                .join(', ') ?? '',
            ),
            100,
          )}
        </span>
      ),
    },
    {
      id: 'changed',
      header: 'Last changed',
      width: 130,
      align: 'right',
      cell: (agent) => when(latest(agent)?.created_at),
    },
  ];
}
