import { Button } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { post } from '@/api/client';
import { targetsQuery } from '@/api/queries';
import type { ReplaySessionMade } from '@/api/types';
import { Waiting } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { AgentFields } from './AgentFields';
import { type Choices, isReady, optionsOf, targetOf, USUAL } from './asked';
import { DryRunResult } from './DryRunResult';
import { HowFields } from './HowFields';
import classes from './replay.module.css';

interface AgentStepProps {
  readonly project: string;
  readonly session: ReplaySessionMade['session'];
  readonly isOpen: boolean;
}

/** The second step and the third: the agent and how it is run, tried dry; then start. */
export function AgentStep({ project, session, isOpen }: AgentStepProps) {
  const targets = useQuery({ ...targetsQuery, enabled: isOpen });
  const [given, setGiven] = useState<Partial<Choices>>({});
  const navigate = useNavigate();
  const choices: Choices = {
    ...USUAL,
    targetName: targets.data?.[0]?.name ?? '',
    ...given,
  };
  const asked = () => ({
    ...targetOf(choices),
    replay_session_id: session.id,
    options: optionsOf(choices),
  });
  const dry = useMutation({ mutationFn: () => post('/dry-runs', { body: asked() }) });
  const start = useMutation({
    mutationFn: async () => {
      const test = await post('/run-tests', { body: asked() });
      return post('/run-tests/{id}/execute', { path: { id: test.id } });
    },
    onSuccess: ({ id }) => void navigate({ to: '/p/$project/runs/$id', params: { project, id } }),
  });
  const change = (changed: Partial<Choices>) => {
    setGiven({ ...choices, ...changed });
    dry.reset();
  };
  if (!isOpen) return <h2 className={classes['title']}>Agent and start</h2>;
  return (
    <>
      <h2 className={classes['title']}>Agent and start</h2>
      {targets.isPending && <Waiting />}
      {targets.data && <AgentFields targets={targets.data} choices={choices} onChange={change} />}
      <HowFields choices={choices} onChange={change} />
      {dry.data && <DryRunResult found={dry.data} concurrency={choices.concurrency} />}
      {dry.isError && <ProblemNotice error={dry.error} />}
      {start.isError && <ProblemNotice error={start.error} />}
      <div className={classes['acts']}>
        <Button
          variant="default"
          disabled={!isReady(choices)}
          loading={dry.isPending}
          onClick={() => dry.mutate()}
        >
          Try it dry
        </Button>
        <Button
          leftSection={<IconPlayerPlay size={15} />}
          disabled={!isReady(choices)}
          loading={start.isPending}
          onClick={() => start.mutate()}
        >
          Start the replay
        </Button>
      </div>
    </>
  );
}
