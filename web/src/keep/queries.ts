import { queryOptions } from '@tanstack/react-query';
import { post } from '@/api/client';

/** What is proposed for a row; asking changes nothing. */
export const proposalQuery = (run: string, row: string) =>
  queryOptions({
    queryKey: ['keep', run, row],
    queryFn: () => post('/keeps/proposals', { body: { run_id: run, row_id: row } }),
    staleTime: Infinity,
  });
