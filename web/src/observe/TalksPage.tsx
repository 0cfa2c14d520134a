import { ActionIcon, Tooltip } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { filterOf, type FilterSearch, isFiltered } from '@/shared/filter';
import { Page, Waiting } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { isSelected, NOTHING, type SelectionSearch, toggled, withAll } from '@/shared/selection';
import { useShortcuts } from '@/shared/shortcuts';
import { ColumnChoice } from '@/shared/table/ColumnChoice';
import { shownIds } from '@/shared/table/columns';
import { RowTable } from '@/shared/table/RowTable';
import { count, counted } from '@/shared/words';
import { FilterBar } from './FilterBar';
import { NoTalks } from './NoTalks';
import { type TalkKind, talksQuery } from './queries';
import type { TalksSearch } from './routes';
import { SelectionBar } from './SelectionBar';
import { nameOfTalk, talkColumns } from './talkColumns';

interface TalksPageProps {
  readonly kind: TalkKind;
  readonly project: string;
  readonly search: TalksSearch;
  readonly onSearch: (change: Partial<TalksSearch>) => void;
}

/** Sessions or traces: find them, select one, some or all that match, and go on with them. */
export function TalksPage({ kind, project, search, onSearch }: TalksPageProps) {
  const list = useInfiniteQuery(talksQuery(kind, project, search));
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const total = list.data?.pages[0]?.total ?? null;
  const columns = useMemo(() => talkColumns(kind, project), [kind, project]);
  const shown = useMemo(() => shownIds(columns, search.cols), [columns, search.cols]);
  const replay = useReplayKey(kind, project, search);
  const select = (selection: SelectionSearch) => onSearch(selection);
  // What was selected may no longer be listed under another filter.
  const filter = (change: FilterSearch) => onSearch({ ...change, ...NOTHING });
  const none = <NoTalks project={project} filter={search} onFilter={filter} />;
  if (total === 0 && !isFiltered(search)) return <Page title={TITLES[kind]}>{none}</Page>;
  return (
    <Page
      fill
      title={TITLES[kind]}
      beside={total !== null && <span role="status">{countWords(kind, total, search)}</span>}
    >
      <FilterBar project={project} filter={search} onFilter={filter}>
        <ColumnChoice
          columns={columns}
          chosen={search.cols}
          onChoose={(cols) => onSearch({ cols })}
        />
        <Tooltip label="Look for new ones">
          <ActionIcon
            variant="default"
            size={30}
            aria-label="Look for new ones"
            loading={list.isRefetching}
            onClick={() => void list.refetch()}
          >
            <IconRefresh size={15} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </FilterBar>
      {list.isError && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Waiting />}
      {list.data && (
        <RowTable
          label={TITLES[kind]}
          rows={rows}
          idOf={idOf}
          nameOf={nameOfTalk}
          columns={columns}
          shown={shown}
          total={total}
          hasMore={list.hasNextPage}
          isLoadingMore={list.isFetchingNextPage}
          onMore={() => void list.fetchNextPage()}
          selection={{
            isSelected: (id) => isSelected(search, id),
            onToggle: (id) => select(toggled(search, id)),
            onToggleLoaded: (selected) =>
              select(selected ? withAll(search, rows.map(idOf), true) : NOTHING),
          }}
          empty={none}
        />
      )}
      <SelectionBar
        kind={kind}
        project={project}
        search={search}
        loaded={rows.length}
        total={total}
        onSelect={select}
        onReplay={replay}
      />
    </Page>
  );
}

const TITLES: Readonly<Record<TalkKind, string>> = { session: 'Sessions', trace: 'Traces' };

const idOf = ({ id }: { readonly id: string }) => id;

function countWords(kind: TalkKind, total: number, search: FilterSearch): string {
  return isFiltered(search) ? `${count(total)} that match` : counted(total, kind);
}

/** Leads to the replay of what is selected; with nothing selected, of the row with the focus. */
function useReplayKey(kind: TalkKind, project: string, search: TalksSearch): () => void {
  const navigate = useNavigate();
  const replay = () => {
    const focused = document.activeElement?.closest<HTMLElement>('[data-id]')?.dataset['id'];
    const isNone = !search.all && search.pick === undefined;
    if (isNone && focused === undefined) return;
    const { pick, all, not } = isNone ? { ...NOTHING, pick: [focused ?? ''] } : search;
    void navigate({
      to: '/p/$project/replay',
      params: { project },
      search: { type: kind, ...filterOf(search), pick, all, not },
    });
  };
  useShortcuts([{ keys: 'r', does: 'Replay what is selected', run: replay }]);
  return replay;
}
