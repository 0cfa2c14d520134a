import { queryOptions } from '@tanstack/react-query';
import { get } from '@/api/client';

export const keysQuery = (project: string) =>
  queryOptions({
    queryKey: ['keys', project],
    queryFn: ({ signal }) => get('/keys', { query: { project_id: project, limit: 500 }, signal }),
  });

export const retentionQuery = (project: string) =>
  queryOptions({
    queryKey: ['retention', project],
    queryFn: ({ signal }) => get('/retention', { query: { project_id: project }, signal }),
  });
