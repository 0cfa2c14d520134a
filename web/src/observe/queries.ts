import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { get } from '@/api/client';
import type { Page, SessionSummary, SpanView, UserSummary } from '@/api/types';
import { filterOf, type FilterSearch, toFilterQuery } from '@/shared/filter';
import { isSelected, type SelectionSearch } from '@/shared/selection';

export type TalkKind = 'session' | 'trace';

const PAGE = 100;
const MOST = 500;
const WAIT_MS = 4_000;
/** A talk of more spans than this is shown in part, and says so. */
export const MOST_SPANS = 5_000;

/** A page of sessions, or of traces; the first one counts all that match. */
function talks(
  kind: TalkKind,
  project: string,
  filter: FilterSearch,
  ask: { cursor: string | null; limit: number; count: boolean; signal?: AbortSignal },
): Promise<Page<SessionSummary>> {
  const { signal, ...paging } = ask;
  const query = { project_id: project, ...toFilterQuery(filter, new Date()), ...paging };
  const given = signal ? { query, signal } : { query };
  return kind === 'session' ? get('/sessions', given) : get('/traces', given);
}

export const talksQuery = (kind: TalkKind, project: string, search: FilterSearch) => {
  const filter = filterOf(search);
  return infiniteQueryOptions({
    queryKey: ['talks', project, kind, filter],
    queryFn: ({ pageParam, signal }) =>
      talks(kind, project, filter, {
        cursor: pageParam,
        limit: PAGE,
        count: pageParam === null,
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    refetchOnWindowFocus: false,
    // Whoever waits for the first trace sees it come.
    refetchInterval: ({ state }) => (state.data?.pages[0]?.total === 0 ? WAIT_MS : false),
  });
};

/** The ids of all that is selected, page by page where all that match are. */
export async function selectedIds(
  kind: TalkKind,
  project: string,
  filter: FilterSearch,
  selection: SelectionSearch,
): Promise<readonly string[]> {
  if (!selection.all) return selection.pick ?? [];
  const found: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<SessionSummary> = await talks(kind, project, filter, {
      cursor,
      limit: MOST,
      count: false,
    });
    found.push(...page.items.map(({ id }) => id).filter((id) => isSelected(selection, id)));
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found;
}

export const facetsQuery = (project: string) =>
  queryOptions({
    queryKey: ['facets', project],
    queryFn: ({ signal }) => get('/facets', { query: { project_id: project }, signal }),
    staleTime: 60_000,
  });

export const usersQuery = (project: string, text: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['users', project, text ?? null],
    queryFn: ({ pageParam, signal }): Promise<Page<UserSummary>> =>
      get('/users', {
        query: { project_id: project, text: text ?? null, cursor: pageParam, limit: PAGE },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    refetchOnWindowFocus: false,
  });

export const conversationQuery = (project: string, id: string) =>
  queryOptions({
    queryKey: ['conversation', project, id],
    queryFn: ({ signal }) => get('/conversation', { query: { project_id: project, id }, signal }),
    staleTime: 30_000,
  });

/** All spans of a conversation, in the order of their starts. */
export const spansQuery = (project: string, id: string) =>
  queryOptions({
    queryKey: ['spans', project, id],
    queryFn: async ({ signal }) => {
      const spans: SpanView[] = [];
      let cursor: string | null = null;
      do {
        const page: Page<SpanView> = await get('/spans', {
          query: { project_id: project, conversation: id, limit: MOST, cursor },
          signal,
        });
        spans.push(...page.items);
        cursor = page.next_cursor;
      } while (cursor !== null && spans.length < MOST_SPANS);
      return { spans, isAll: cursor === null };
    },
    staleTime: 30_000,
  });
