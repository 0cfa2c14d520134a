import { queryOptions } from '@tanstack/react-query';
import { get } from '@/api/client';

export const replaySessionQuery = (id: string) =>
  queryOptions({
    queryKey: ['replay-session', id],
    queryFn: ({ signal }) => get('/replay-sessions/{id}', { path: { id }, signal }),
    staleTime: 60_000,
  });
