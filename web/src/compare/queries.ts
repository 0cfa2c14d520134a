import { queryOptions } from '@tanstack/react-query';
import { get } from '@/api/client';

export const callQuery = (id: string) =>
  queryOptions({
    queryKey: ['call', id],
    queryFn: ({ signal }) => get('/call', { query: { id }, signal }),
    staleTime: 30_000,
  });

export const againstQuery = (id: string, other: string) =>
  queryOptions({
    queryKey: ['call', id, 'against', other],
    queryFn: ({ signal }) => get('/call/against', { query: { id, other }, signal }),
    staleTime: 30_000,
  });

export const callSpansQuery = (id: string) =>
  queryOptions({
    queryKey: ['call', id, 'spans'],
    queryFn: ({ signal }) => get('/call/spans', { query: { id }, signal }),
    staleTime: 30_000,
  });

export const forksQuery = (project: string, conversation: string | undefined) =>
  queryOptions({
    queryKey: ['forks', project, conversation ?? null],
    queryFn: ({ signal }) =>
      get('/forks', {
        query: { project_id: project, conversation: conversation ?? null },
        signal,
      }),
  });
