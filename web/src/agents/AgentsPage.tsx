import { IconRobot } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { AgentDefinition } from '@/api/types';
import { EmptyState } from '@/shared/EmptyState';
import { Page, Waiting } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { oneLine, visible } from '@/shared/safeText';
import type { RowColumn } from '@/shared/table/columns';
import { RowTable } from '@/shared/table/RowTable';
import { count, UNKNOWN, when } from '@/shared/words';

import { agentsQuery } from './queries';

const route = getRouteApi('/p/$project/agents');
const SHOWN = new Set(['name', 'versions', 'model', 'tools', 'changed']);

/** The agents of a project, by name. */
export function AgentsPage() {
  const { project } = route.useParams();
  const list = useInfiniteQuery(agentsQuery(project));
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const columns = useMemo(() => columnsOf(project), [project]);
  return (
    <Page fill title="Agents">
      {list.isError && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Waiting />}
      {list.data && (
        <RowTable
          label="Agents"
          rows={rows}
          idOf={({ id }) => id}
          nameOf={({ name }) => name}
          columns={columns}
          shown={SHOWN}
          total={list.hasNextPage ? null : rows.length}
          hasMore={list.hasNextPage}
          isLoadingMore={list.isFetchingNextPage}
          onMore={() => void list.fetchNextPage()}
          empty={
            <EmptyState icon={IconRobot} title="No agent yet">
              An agent is defined the first time that a conversation of it is replayed.
            </EmptyState>
          }
        />
      )}
    </Page>
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
