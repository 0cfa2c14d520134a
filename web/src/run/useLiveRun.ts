import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { listen } from '@/api/events';
import type { RunProgress } from '@/api/types';
import { callsQuery, runQuery } from './queries';

const LEAST_MS = 1_000;

/** Listens to a run while it goes on: where it stands; its lists are fetched again as it moves. */
export function useLiveRun(id: string, isLive: boolean): RunProgress | null {
  const client = useQueryClient();
  const [progress, setProgress] = useState<RunProgress | null>(null);
  useEffect(() => {
    if (!isLive) return;
    let last = 0;
    const refresh = () => {
      last = Date.now();
      void client.invalidateQueries({ queryKey: callsQuery(id).queryKey });
    };
    return listen(
      '/runs/{id}/events',
      { id },
      {
        names: ['progress', 'turn_kept', 'call_ended', 'run_ended'] as const,
        onEvent: (name, data) => {
          if (name === 'progress') {
            const now = data as RunProgress;
            setProgress(now);
            if (now.status !== 'pending' && now.status !== 'running') {
              void client.invalidateQueries({ queryKey: runQuery(id).queryKey });
            }
          } else if (name === 'run_ended') {
            void client.invalidateQueries({ queryKey: runQuery(id).queryKey });
          } else if (Date.now() - last >= LEAST_MS) {
            refresh();
          }
        },
      },
    );
  }, [id, isLive, client]);
  return progress;
}
