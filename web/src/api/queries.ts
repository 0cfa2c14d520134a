/** What the shell itself asks for. Each room keeps its own queries in `<room>/queries.ts`. */
import { QueryClient, queryOptions } from '@tanstack/react-query';
import { get, setCsrf } from './client';
import { ApiError } from './problem';

/** One client for all pages: reads are repeated once where the server did not answer at all. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => failures < 1 && error instanceof ApiError && error.status === 0,
    },
    mutations: { retry: false },
  },
});

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }) => {
    const me = await get('/me', { signal });
    setCsrf(me.csrf);
    return me;
  },
  staleTime: 60_000,
});

export const infoQuery = queryOptions({
  queryKey: ['info'],
  queryFn: ({ signal }) => get('/info', { signal }),
});

export const projectsQuery = queryOptions({
  queryKey: ['projects'],
  queryFn: ({ signal }) => get('/projects', { query: { limit: 500 }, signal }),
});

/** The agents that the server may run by name. */
export const targetsQuery = queryOptions({
  queryKey: ['targets'],
  queryFn: ({ signal }) => get('/targets', { signal }),
});
