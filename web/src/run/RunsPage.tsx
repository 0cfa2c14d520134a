import { IconPlayerPlay } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { RunLine } from '@/api/types';
import { EmptyState } from '@/shared/EmptyState';
import { ListPage } from '@/shared/ListPage';
import { oneLine, visible } from '@/shared/safeText';
import type { RowColumn } from '@/shared/table/columns';
import { ToneBadge } from '@/shared/Tone';
import { count, when, whenInFull } from '@/shared/words';
import { runsQuery } from './queries';
import { runTone } from './status';

const route = getRouteApi('/p/$project/runs');

/** The runs of a project, newest first. */
export function RunsPage() {
  const { project } = route.useParams();
  const list = useInfiniteQuery({ ...runsQuery(project), refetchInterval: 5_000 });
  const columns = useMemo(() => columnsOf(project), [project]);
  return (
    <ListPage
      title="Runs"
      list={list}
      columns={columns}
      empty={
        <EmptyState icon={IconPlayerPlay} title="Nothing has been replayed yet">
          Select sessions and press <kbd>r</kbd>, or run <code>reenact replay</code>.
        </EmptyState>
      }
    />
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
