import { Button, Group, Modal, NativeSelect, Stack, Textarea } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { post } from '@/api/client';
import { targetsQuery } from '@/api/queries';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { visible } from '@/shared/safeText';

interface ForkDialogProps {
  readonly project: string;
  /** Fork the recording behind this call; or name a conversation. */
  readonly callId?: string;
  readonly conversation?: string;
  readonly at: number;
  /** What the user said on that turn. */
  readonly words: string;
  readonly onClose: () => void;
}

/** Leaves a talk at a turn: other words there, and the agent of today from then on. */
export function ForkDialog({ project, callId, conversation, at, words, onClose }: ForkDialogProps) {
  const navigate = useNavigate();
  const [said, setSaid] = useState(words);
  const targets = useQuery(targetsQuery);
  const [chosen, setChosen] = useState<string>();
  const names = targets.data?.map(({ name }) => name) ?? [];
  const target = chosen ?? (callId === undefined ? names[0] : undefined);
  const fork = useMutation({
    mutationFn: () =>
      post('/forks', {
        body: {
          at,
          project_id: project,
          ...(callId === undefined ? { conversation: conversation ?? null } : { call_id: callId }),
          ...(said === words ? {} : { user: said }),
          ...(target === undefined ? {} : { target_name: target }),
        },
      }),
    onSuccess: ({ run_id: id }) =>
      void navigate({ to: '/p/$project/runs/$id', params: { project, id } }),
  });
  return (
    <Modal opened onClose={onClose} title={`Fork at turn ${at}`} size="lg">
      <Stack>
        <Textarea
          label="What the user says on this turn"
          description="The turns before are told to the agent as they were; from here on it is live."
          autosize
          minRows={3}
          maxRows={12}
          value={said}
          onChange={(event) => setSaid(event.currentTarget.value)}
          data-autofocus
        />
        <NativeSelect
          label="Agent"
          value={target ?? ''}
          onChange={(event) => setChosen(event.currentTarget.value || undefined)}
          data={[
            ...(callId === undefined ? [] : [{ value: '', label: 'The agent of this run' }]),
            ...names.map((name) => ({ value: name, label: visible(name) })),
          ]}
        />
        {fork.isError && <ProblemNotice error={fork.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button loading={fork.isPending} onClick={() => fork.mutate()}>
            Fork and run
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
