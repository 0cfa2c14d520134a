import { Button } from '@mantine/core';
import { IconPlayerPlay, IconPlayerStop, IconRepeat } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { post } from '@/api/client';
import type { RunDetail } from '@/api/types';
import { notifyProblem } from '@/shared/notify';
import { useShortcuts } from '@/shared/shortcuts';
import { count } from '@/shared/words';
import { runQuery } from './queries';
import { goesOn } from './status';

const route = getRouteApi('/p/$project/runs/$id');

/** Stop a run, go on with it, run it or chosen talks of it again. */
export function RunActions({ project, run }: { project: string; run: RunDetail }) {
  const search = route.useSearch();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { id } = run;
  const refresh = () => client.invalidateQueries({ queryKey: runQuery(id).queryKey });
  const open = (run: { id: string }) =>
    void navigate({ to: '/p/$project/runs/$id', params: { project, id: run.id } });
  const cancel = useMutation({
    mutationFn: () => post('/runs/{id}/cancel', { path: { id } }),
    onSuccess: refresh,
    onError: notifyProblem,
  });
  const resume = useMutation({
    mutationFn: () => post('/runs/{id}/resume', { path: { id }, body: {} }),
    onSuccess: refresh,
    onError: notifyProblem,
  });
  const again = useMutation({
    mutationFn: () =>
      post('/runs/{id}/rerun', {
        path: { id },
        body: search.pick
          ? { call_ids: search.pick }
          : { select_all: true, exclude_ids: search.not ?? [] },
      }),
    onSuccess: open,
    onError: notifyProblem,
  });
  useShortcuts([{ keys: 'r', does: 'Replay again', run: () => again.mutate() }]);
  if (goesOn(run.status)) {
    return (
      <Button
        variant="default"
        leftSection={<IconPlayerStop size={15} />}
        loading={cancel.isPending}
        onClick={() => cancel.mutate()}
      >
        Cancel
      </Button>
    );
  }
  const many = search.pick ? ` ${count(search.pick.length)}` : '';
  return (
    <>
      {run.status !== 'completed' && (
        <Button
          variant="default"
          leftSection={<IconPlayerPlay size={15} />}
          loading={resume.isPending}
          onClick={() => resume.mutate()}
        >
          Go on
        </Button>
      )}
      <Button
        leftSection={<IconRepeat size={15} stroke={1.7} />}
        loading={again.isPending}
        onClick={() => again.mutate()}
      >
        Replay{many} again
      </Button>
    </>
  );
}
