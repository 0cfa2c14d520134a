import { IconChartDots3 } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { ScenarioSummary } from '@/api/types';
import { EmptyState } from '@/shared/EmptyState';
import { ListPage } from '@/shared/ListPage';
import { oneLine, visible } from '@/shared/safeText';
import type { RowColumn } from '@/shared/table/columns';
import { count, when, whenInFull } from '@/shared/words';
import { scenariosQuery } from './queries';

const route = getRouteApi('/p/$project/scenarios');

/** The scenarios of a project, newest first. */
export function ScenariosPage() {
  const { project } = route.useParams();
  const list = useInfiniteQuery(scenariosQuery(project));
  const columns = useMemo(() => columnsOf(project), [project]);
  return (
    <ListPage
      title="Scenarios"
      list={list}
      columns={columns}
      empty={
        <EmptyState icon={IconChartDots3} title="No scenario yet">
          Select sessions and press <kbd>r</kbd>: their recordings become the rows.
        </EmptyState>
      }
    />
  );
}

function columnsOf(project: string): readonly RowColumn<ScenarioSummary>[] {
  return [
    {
      id: 'name',
      header: 'Scenario',
      main: true,
      cell: ({ id, name, description }) => (
        <Link
          to="/p/$project/scenarios/$id"
          params={{ project, id }}
          data-row-link
          title={oneLine(visible(description), 300)}
        >
          <bdi>{oneLine(visible(name), 120)}</bdi>
        </Link>
      ),
    },
    { id: 'source', header: 'Made of', width: 120, cell: ({ source }) => source },
    { id: 'rows', header: 'Rows', width: 90, align: 'right', cell: (row) => count(row.rows) },
    {
      id: 'nodes',
      header: 'Steps in its graph',
      width: 150,
      align: 'right',
      cell: (row) => count(row.nodes),
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
