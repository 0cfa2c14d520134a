import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { RowView, ScenarioSummary } from '@/api/types';
import { Waiting } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { oneLine, visible } from '@/shared/safeText';
import type { RowColumn } from '@/shared/table/columns';
import { RowTable } from '@/shared/table/RowTable';
import { ToneBadge } from '@/shared/Tone';
import { count } from '@/shared/words';
import { rowsQuery } from './queries';

const SHOWN = new Set(['row', 'kind', 'turns', 'tools', 'path']);

/** The rows of a scenario; each leads to the conversation that was recorded. */
export function Rows({ project, scenario }: { project: string; scenario: ScenarioSummary }) {
  const list = useInfiniteQuery(rowsQuery(scenario.id));
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const columns = useMemo(() => columnsOf(project, scenario.id), [project, scenario.id]);
  if (list.isError) return <ProblemNotice error={list.error} />;
  if (!list.data) return <Waiting />;
  return (
    <RowTable
      label="Rows"
      rows={rows}
      idOf={({ row }) => row.id}
      nameOf={({ row }) => row.id}
      columns={columns}
      shown={SHOWN}
      total={scenario.rows}
      hasMore={list.hasNextPage}
      isLoadingMore={list.isFetchingNextPage}
      onMore={() => void list.fetchNextPage()}
    />
  );
}

function columnsOf(project: string, scenario: string): readonly RowColumn<RowView>[] {
  return [
    {
      id: 'row',
      header: 'Began with',
      main: true,
      cell: ({ conversation_id: id, first_user_text: words, row }) =>
        id === null ? (
          <span>{visible(row.id)}</span>
        ) : (
          <Link to="/p/$project/conversation" params={{ project }} search={{ id }} data-row-link>
            <bdi>{oneLine(visible(words ?? row.id), 160)}</bdi>
          </Link>
        ),
    },
    {
      id: 'kind',
      header: 'What it is',
      width: 190,
      cell: ({ row, conversation_id: id }) => <Kind row={row} isGone={id === null} />,
    },
    { id: 'turns', header: 'Turns', width: 80, align: 'right', cell: ({ turns }) => count(turns) },
    {
      id: 'tools',
      header: 'Tools',
      width: 260,
      cell: ({ row }) => (
        <span className="mono">{oneLine(visible((row.tools ?? []).join(', ')), 120)}</span>
      ),
    },
    {
      id: 'path',
      header: 'Graph',
      width: 110,
      cell: ({ conversation_id: id }) =>
        id !== null && (
          <Link
            to="/p/$project/scenarios/$id"
            params={{ project, id: scenario }}
            search={{ view: 'graph', path: id }}
          >
            its path
          </Link>
        ),
    },
  ];
}

function Kind({ row, isGone }: { row: RowView['row']; isGone: boolean }) {
  if (isGone) return <ToneBadge tone="bad">its recording is gone</ToneBadge>;
  if (row.fork !== null) return <ToneBadge tone="special">a fork</ToneBadge>;
  if (row.variant) return <ToneBadge tone="info">a variant</ToneBadge>;
  if (row.turn !== null) return <ToneBadge tone="good">turn {row.turn} of a recording</ToneBadge>;
  return <ToneBadge tone="good">a recording, word by word</ToneBadge>;
}
