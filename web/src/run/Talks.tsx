import { NativeSelect } from '@mantine/core';
import { IconMessages } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import type { CallRow, RunDetail } from '@/api/types';
import { EmptyState } from '@/shared/EmptyState';
import { Waiting } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { isSelected, NOTHING, toggled, withAll } from '@/shared/selection';
import { RowTable } from '@/shared/table/RowTable';
import { VERDICTS, verdictWords } from '@/shared/VerdictBadge';
import { callsQuery } from './queries';
import classes from './run.module.css';
import { STATUSES, statusWords, talkColumns } from './talkColumns';

const route = getRouteApi('/p/$project/runs/$id');
const SHOWN = new Set(['talk', 'status', 'verdict', 'worst', 'first', 'turns']);

/** The talks of a run: what became of each, and where it parted from its recording. */
export function Talks({ project, run }: { project: string; run: RunDetail }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(callsQuery(run.id));
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const all = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const isFiltered = search.verdict !== undefined || search.worst !== undefined;
  useEffect(() => {
    // What is looked for may stand on any page.
    if (isFiltered && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [isFiltered, hasNextPage, isFetchingNextPage, fetchNextPage]);
  const rows = all.filter(
    ({ verdict, worst }) =>
      (search.verdict === undefined || verdict === search.verdict) &&
      (search.worst === undefined || worst === search.worst),
  );
  const columns = useMemo(() => talkColumns(project), [project]);
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  if (list.isError) {
    return <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />;
  }
  if (!list.data) return <Waiting />;
  return (
    <>
      <div className={classes['bar']}>
        <NativeSelect
          aria-label="Verdict"
          value={search.verdict ?? ''}
          onChange={(event) => set({ verdict: event.currentTarget.value || undefined, ...NOTHING })}
          data={[
            { value: '', label: 'Any verdict' },
            ...VERDICTS.map((verdict) => ({ value: verdict, label: verdictWords(verdict) })),
          ]}
        />
        <NativeSelect
          aria-label="Worst turn"
          value={search.worst ?? ''}
          onChange={(event) => set({ worst: event.currentTarget.value || undefined, ...NOTHING })}
          data={[
            { value: '', label: 'Any difference' },
            ...STATUSES.map((status) => ({ value: status, label: statusWords(status) })),
          ]}
        />
      </div>
      <RowTable
        label="Talks of this run"
        rows={rows}
        idOf={idOf}
        nameOf={nameOf}
        columns={columns}
        shown={SHOWN}
        total={isFiltered ? rows.length : run.progress.calls}
        hasMore={hasNextPage}
        isLoadingMore={isFetchingNextPage}
        onMore={() => void fetchNextPage()}
        selection={{
          isSelected: (id) => isSelected(search, id),
          onToggle: (id) => set(toggled(search, id)),
          onToggleLoaded: (selected) =>
            set(selected ? withAll(search, rows.map(idOf), true) : NOTHING),
        }}
        empty={
          <EmptyState icon={IconMessages} title="No talk is like this">
            Choose another verdict or difference.
          </EmptyState>
        }
      />
    </>
  );
}

const idOf = ({ id }: CallRow) => id;
const nameOf = ({ row_id: row }: CallRow) => row;
