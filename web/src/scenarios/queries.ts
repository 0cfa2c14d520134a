import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { get } from '@/api/client';
import type { Page, RowView, ScenarioSummary } from '@/api/types';

const PAGE = 100;

export const scenariosQuery = (project: string) =>
  infiniteQueryOptions({
    queryKey: ['scenarios', project],
    queryFn: ({ pageParam, signal }): Promise<Page<ScenarioSummary>> =>
      get('/scenarios', { query: { project_id: project, limit: PAGE, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });

export const scenarioQuery = (id: string) =>
  queryOptions({
    queryKey: ['scenario', id],
    queryFn: ({ signal }) => get('/scenarios/{id}', { path: { id }, signal }),
    staleTime: Infinity,
  });

export const rowsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['scenario', id, 'rows'],
    queryFn: ({ pageParam, signal }): Promise<Page<RowView>> =>
      get('/scenarios/{id}/rows', {
        path: { id },
        query: { limit: PAGE, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });

export const graphQuery = (id: string) =>
  queryOptions({
    queryKey: ['scenario', id, 'graph'],
    queryFn: ({ signal }) => get('/scenarios/{id}/graph', { path: { id }, signal }),
    staleTime: Infinity,
  });

/** A call execution, whose path is marked in the graph. */
export const markedCallQuery = (id: string) =>
  queryOptions({
    queryKey: ['call', id],
    queryFn: ({ signal }) => get('/call', { query: { id }, signal }),
    staleTime: 30_000,
  });
