import type { UseInfiniteQueryResult, InfiniteData } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import type { Page as PageOf } from '@/api/types';
import { Page, Waiting } from './Page';
import { ProblemNotice } from './ProblemNotice';
import type { RowColumn } from './table/columns';
import { RowTable } from './table/RowTable';

interface ListPageProps<Row extends { readonly id: string; readonly name: string }> {
  readonly title: string;
  readonly list: UseInfiniteQueryResult<InfiniteData<PageOf<Row>>>;
  readonly columns: readonly RowColumn<Row>[];
  /** What is shown where there are none. */
  readonly empty: ReactNode;
}

/** A page that is one long list of named things; all its columns are shown. */
export function ListPage<Row extends { readonly id: string; readonly name: string }>({
  title,
  list,
  columns,
  empty,
}: ListPageProps<Row>) {
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const shown = useMemo(() => new Set(columns.map(({ id }) => id)), [columns]);
  return (
    <Page fill title={title}>
      {list.isError && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Waiting />}
      {list.data && (
        <RowTable
          label={title}
          rows={rows}
          idOf={({ id }) => id}
          nameOf={({ name }) => name}
          columns={columns}
          shown={shown}
          total={list.hasNextPage ? null : rows.length}
          hasMore={list.hasNextPage}
          isLoadingMore={list.isFetchingNextPage}
          onMore={() => void list.fetchNextPage()}
          empty={empty}
        />
      )}
    </Page>
  );
}
