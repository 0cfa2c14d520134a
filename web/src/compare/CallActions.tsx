import { Button, Menu } from '@mantine/core';
import { IconArrowsLeftRight, IconBookmark, IconRepeat } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { post } from '@/api/client';
import type { CallDetail } from '@/api/types';
import { LinkButton } from '@/shared/LinkButton';
import { notifyProblem } from '@/shared/notify';
import { visible } from '@/shared/safeText';
import { useShortcuts } from '@/shared/shortcuts';
import { runQuery } from '@/run/routes';
import { differences, nextDifference, type Pair } from './sides';

const route = getRouteApi('/p/$project/calls/$id');

interface CallActionsProps {
  readonly project: string;
  readonly detail: CallDetail;
  readonly pairs: readonly Pair[];
  readonly onPoint: (turn: number | undefined) => void;
}

/** What can be done with a comparison: go through it, compare repeats, run again, keep. */
export function CallActions({ project, detail, pairs, onPoint }: CallActionsProps) {
  const { turn, against } = route.useSearch();
  const navigate = useNavigate();
  const { call, siblings } = detail;
  const run = useQuery(runQuery(detail.run_id));
  const again = useMutation({
    mutationFn: (test: string) => post('/run-tests/{id}/execute', { path: { id: test } }),
    onSuccess: ({ id }) => void navigate({ to: '/p/$project/runs/$id', params: { project, id } }),
    onError: notifyProblem,
  });
  const all = differences(pairs);
  const open = (id: string | null) =>
    id !== null && void navigate({ to: '/p/$project/calls/$id', params: { project, id } });
  useShortcuts([
    { keys: 'n', does: 'Next difference', run: () => onPoint(nextDifference(all, turn, 1)) },
    { keys: 'p', does: 'Previous difference', run: () => onPoint(nextDifference(all, turn, -1)) },
    { keys: ']', does: 'Next talk of the run', run: () => open(detail.next) },
    { keys: '[', does: 'Previous talk of the run', run: () => open(detail.previous) },
  ]);
  const test = run.data?.run_test_id;
  const scenario = run.data?.scenario_ids[0];
  return (
    <>
      {siblings.length > 0 && (
        <Menu>
          <Menu.Target>
            <Button variant="default" leftSection={<IconArrowsLeftRight size={15} stroke={1.7} />}>
              {against === undefined ? 'Compare repeats' : 'Compared with a repeat'}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              onClick={() =>
                void navigate({ to: '.', search: (old) => ({ ...old, against: undefined }) })
              }
            >
              The original
            </Menu.Item>
            {siblings.map((id) => (
              <Menu.Item
                key={id}
                onClick={() =>
                  void navigate({ to: '.', search: (old) => ({ ...old, against: id }) })
                }
              >
                {visible(id.split('/').slice(1).join(' '))}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {scenario !== undefined && (
        <LinkButton
          variant="default"
          to="/p/$project/scenarios/$id"
          params={{ project, id: scenario }}
          search={{ view: 'graph', call: call.id }}
        >
          Graph
        </LinkButton>
      )}
      <LinkButton
        variant="default"
        to="/p/$project/runs/$id"
        params={{ project, id: detail.run_id }}
      >
        Run
      </LinkButton>
      <Button
        variant="default"
        leftSection={<IconRepeat size={15} stroke={1.7} />}
        loading={again.isPending}
        disabled={test === undefined}
        onClick={() => test !== undefined && again.mutate(test)}
      >
        Replay again
      </Button>
      {detail.can_keep ? (
        <LinkButton
          leftSection={<IconBookmark size={15} stroke={1.7} />}
          to="/p/$project/calls/$id/keep"
          params={{ project, id: call.id }}
        >
          Keep
        </LinkButton>
      ) : (
        <Button disabled title={detail.why_not_keep ?? undefined}>
          Keep
        </Button>
      )}
    </>
  );
}
