import { IconPlayerPlay } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { RunLine } from '@/api/types';
import { EmptyState } from '@/shared/EmptyState';
import { Page, Waiting } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { oneLine, visible } from '@/shared/safeText';
import type { RowColumn } from '@/shared/table/columns';
import { RowTable } from '@/shared/table/RowTable';
import { ToneBadge } from '@/shared/Tone';
import { count, when, whenInFull } from '@/shared/words';
import { runsQuery } from './queries';
import { runTone } from './status';

const route = getRouteApi('/p/$project/runs');
const SHOWN = new Set(['name', 'status', 'talks', 'agent', 'created']);

/** The runs of a project, newest first. */
export function RunsPage() {
  const { project } = route.useParams();
  const list = useInfiniteQuery({ ...runsQuery(project), refetchInterval: 5_000 });
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const columns = useMemo(() => columnsOf(project), [project]);
  return (
    <Page fill title="Runs">
      {list.isError && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Waiting />}
      {list.data && (
        <RowTable
          label="Runs"
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
            <EmptyState icon={IconPlayerPlay} title="Nothing has been replayed yet">
              Select sessions and press <kbd>r</kbd>, or run <code>reenact replay</code>.
            </EmptyState>
          }
        />
      )}
    </Page>
  );
}

function columnsOf(project: string): readonly RowColumn<RunLine>[] {
  return [
    {
      id: 'name',
      header: 'Run',
      main: true,
      cell: ({ id, name }) => (
        <Link to="/p/$project/runs/$id" params={{ project, id }} data-row-link>
          <bdi>{oneLine(visible(name), 120)}</bdi>
        </Link>
      ),
    },
    {
      id: 'status',
      header: 'Status',
      width: 130,
      cell: ({ status }) => <ToneBadge tone={runTone(status)}>{status}</ToneBadge>,
    },
    {
      id: 'talks',
      header: 'Talks',
      width: 110,
      align: 'right',
      cell: ({ progress }) =>
        `${count(progress.completed + progress.failed)} of ${count(progress.calls)}`,
    },
    {
      id: 'agent',
      header: 'Agent',
      width: 260,
      cell: ({ agent, agent_version: version, target }) => (
        <span title={oneLine(visible(target), 300)}>
          <bdi>{oneLine(visible(agent), 60)}</bdi> <span className="dim">v{version}</span>
        </span>
      ),
    },
    {
      id: 'created',
      header: 'Made',
      width: 130,
      align: 'right',
      cell: ({ created_at: at }) => (
        <time dateTime={at} title={whenInFull(at)}>
          {when(at)}
        </time>
      ),
    },
  ];
}
