import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { get } from '@/api/client';
import type { CallRow, Page, RunLine } from '@/api/types';

const PAGE = 100;

export const runsQuery = (project: string) =>
  infiniteQueryOptions({
    queryKey: ['runs', project],
    queryFn: ({ pageParam, signal }): Promise<Page<RunLine>> =>
      get('/runs', { query: { project_id: project, limit: PAGE, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['run', id],
    queryFn: ({ signal }) => get('/runs/{id}', { path: { id }, signal }),
    staleTime: 5_000,
  });

export const callsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['run', id, 'calls'],
    queryFn: ({ pageParam, signal }): Promise<Page<CallRow>> =>
      get('/runs/{id}/calls', { path: { id }, query: { limit: PAGE, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });
