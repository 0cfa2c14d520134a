import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { get } from '@/api/client';
import type { AgentDefinition, Page } from '@/api/types';

export const agentsQuery = (project: string) =>
  infiniteQueryOptions({
    queryKey: ['agents', project],
    queryFn: ({ pageParam, signal }): Promise<Page<AgentDefinition>> =>
      get('/agents', { query: { project_id: project, limit: 100, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });

export const agentQuery = (id: string) =>
  queryOptions({
    queryKey: ['agent', id],
    queryFn: ({ signal }) => get('/agents/{id}', { path: { id }, signal }),
  });

export const diffQuery = (id: string, before: number, after: number) =>
  queryOptions({
    queryKey: ['agent', id, 'diff', before, after],
    queryFn: ({ signal }) =>
      get('/agents/{id}/diff', { path: { id }, query: { before, after }, signal }),
    staleTime: Infinity,
  });
