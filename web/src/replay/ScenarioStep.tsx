import { Button, NumberInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { post } from '@/api/client';
import type { ReplaySessionMade } from '@/api/types';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { SafeText } from '@/shared/SafeText';
import { ToneBadge, ToneNote } from '@/shared/Tone';
import classes from './replay.module.css';

interface ScenarioStepProps {
  readonly made: ReplaySessionMade;
  readonly onMade: () => void;
}

/** The first step: what the scenario and the agent's definition are called. */
export function ScenarioStep({
  made: { session, suggestions, exists },
  onMade,
}: ScenarioStepProps) {
  const [agent, setAgent] = useState(suggestions?.agent_name ?? '');
  const [name, setName] = useState(suggestions?.scenario_name ?? '');
  const [rows, setRows] = useState<number | string>(suggestions?.no_of_rows ?? 20);
  const generate = useMutation({
    mutationFn: () =>
      post('/replay-sessions/{id}/generate-scenario', {
        path: { id: session.id },
        body: {
          agent_name: agent || null,
          scenario_name: name || null,
          agent_description: suggestions?.agent_description ?? '',
          no_of_rows: Math.min(1000, Number(rows) || 20),
        },
      }),
    onSuccess: onMade,
  });
  if (session.scenario_id !== null) {
    return (
      <>
        <h2 className={classes['title']}>
          Scenario <ToneBadge tone="good">made</ToneBadge>
        </h2>
        <Link
          to="/p/$project/scenarios/$id"
          params={{ project: session.project_id, id: session.scenario_id }}
        >
          Look at its rows and its graph
        </Link>
      </>
    );
  }
  if (suggestions === null) {
    return (
      <ToneNote tone="bad" title="A recording of this selection was deleted">
        Select the conversations again.
      </ToneNote>
    );
  }
  return (
    <>
      <h2 className={classes['title']}>Scenario</h2>
      {session.reason !== null && (
        <ToneNote tone="bad" title="It could not be made">
          <SafeText text={session.reason} />
        </ToneNote>
      )}
      <div className={classes['fields']}>
        <TextInput
          label="Scenario name"
          value={name}
          maxLength={200}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Agent"
          description={exists ? 'A new version, if anything changed' : 'It will be defined'}
          inputWrapperOrder={['label', 'input', 'description']}
          value={agent}
          maxLength={200}
          onChange={(event) => setAgent(event.currentTarget.value)}
        />
        <NumberInput
          label="Rows at most"
          description="Recorded conversations are never dropped"
          inputWrapperOrder={['label', 'input', 'description']}
          min={1}
          max={1000}
          value={rows}
          onChange={setRows}
        />
      </div>
      {generate.isError && <ProblemNotice error={generate.error} />}
      <div className={classes['acts']}>
        <Button loading={generate.isPending} onClick={() => generate.mutate()}>
          Make the scenario
        </Button>
      </div>
    </>
  );
}
