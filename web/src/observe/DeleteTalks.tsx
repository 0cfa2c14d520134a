import { Button, Checkbox, Group, Modal, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { post } from '@/api/client';
import { queryClient } from '@/api/queries';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { counted } from '@/shared/words';
import { selectedIds, type TalkKind } from './queries';
import type { TalksSearch } from './routes';

/** How many are deleted in one request. */
const AT_ONCE = 200;

interface DeleteTalksProps {
  readonly opened: boolean;
  readonly kind: TalkKind;
  readonly project: string;
  readonly search: TalksSearch;
  /** How many, in words. */
  readonly many: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function DeleteTalks(props: DeleteTalksProps) {
  const { opened, kind, project, search, many, onClose, onDone } = props;
  const [recordings, setRecordings] = useState(false);
  const removal = useMutation({
    mutationFn: async () => {
      const ids = await selectedIds(kind, project, search, search);
      return deleteTalks(project, ids, recordings);
    },
    onSuccess: async (done) => {
      onClose();
      onDone();
      notifications.show({ message: doneWords(done) });
      await queryClient.invalidateQueries();
    },
  });
  const noun = many === '1' ? kind : `${kind}s`;
  return (
    <Modal opened={opened} onClose={onClose} title={`Delete ${many} ${noun}?`}>
      <Stack gap="sm">
        <div>
          Their traces and spans are deleted for good. Runs that were made from them stay, and can
          still be looked at.
        </div>
        <Checkbox
          label="Delete their recordings too"
          description="Scenarios made from them can then no longer be run"
          checked={recordings}
          onChange={(event) => setRecordings(event.currentTarget.checked)}
        />
        {removal.isError && <ProblemNotice error={removal.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep them
          </Button>
          <Button color="red" loading={removal.isPending} onClick={() => removal.mutate()}>
            Delete {many} {noun}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

interface Deleted {
  readonly conversations: number;
  readonly spans: number;
  readonly scenarios: readonly string[];
}

async function deleteTalks(
  project: string,
  ids: readonly string[],
  recordings: boolean,
): Promise<Deleted> {
  let all: Deleted = { conversations: 0, spans: 0, scenarios: [] };
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const conversations = ids.slice(from, from + AT_ONCE);
    const done = await post('/deletions', {
      body: { project_id: project, conversations, recordings },
    });
    all = {
      conversations: all.conversations + done.conversations,
      spans: all.spans + done.spans,
      scenarios: [...new Set([...all.scenarios, ...done.scenarios])],
    };
  }
  return all;
}

function doneWords({ conversations, spans, scenarios }: Deleted): string {
  const what = `Deleted ${counted(conversations, 'conversation')}, ${counted(spans, 'span')}.`;
  if (scenarios.length === 0) return what;
  return `${what} ${counted(scenarios.length, 'scenario')} can no longer run in full.`;
}
