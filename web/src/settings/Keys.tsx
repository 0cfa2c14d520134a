import { Button, Checkbox, Group, Table, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { post, remove } from '@/api/client';
import type { KeyMade } from '@/api/types';
import { CopyText } from '@/shared/CopyText';
import { notifyProblem } from '@/shared/notify';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { visible } from '@/shared/safeText';
import { ToneNote } from '@/shared/Tone';
import { fromLocalInput, when, whenInFull } from '@/shared/words';
import { keysQuery } from './queries';
import classes from './settings.module.css';

const SCOPES = ['ingest', 'read', 'run'] as const;
type Scope = (typeof SCOPES)[number];
const SAID: Readonly<Record<Scope, string>> = {
  ingest: 'send traces',
  read: 'read',
  run: 'start replays',
};

/** API keys of a project: for exporters and CI. */
export function Keys({ project }: { project: string }) {
  const client = useQueryClient();
  const list = useQuery(keysQuery(project));
  const refresh = () => client.invalidateQueries({ queryKey: keysQuery(project).queryKey });
  const [made, setMade] = useState<KeyMade>();
  const revoke = useMutation({
    mutationFn: (id: string) => remove('/keys/{id}', { path: { id } }),
    onSuccess: refresh,
    onError: notifyProblem,
  });
  const onMade = (key: KeyMade) => {
    setMade(key);
    void refresh();
  };
  return (
    <section className={classes['section']} aria-label="API keys">
      <h2 className={classes['title']}>API keys of {visible(project)}</h2>
      {list.isError && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />}
      {made && (
        <ToneNote tone="good" title="Copy it now: it is shown this once">
          <CopyText text={made.secret} label="Copy the key" />
        </ToneNote>
      )}
      {list.data && list.data.items.length > 0 && (
        <Table.ScrollContainer minWidth={560} type="native" tabIndex={0}>
          <Table aria-label="API keys">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>May</Table.Th>
                <Table.Th>Ends with</Table.Th>
                <Table.Th>Last used</Table.Th>
                <Table.Th>Expires</Table.Th>
                <Table.Th>
                  <span className="unseen">Revoke</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {list.data.items.map((key) => (
                <Table.Tr key={key.id}>
                  <Table.Td>{visible(key.name)}</Table.Td>
                  <Table.Td>{key.scopes.map((scope) => SAID[scope]).join(', ')}</Table.Td>
                  <Table.Td className="mono">{key.hint}</Table.Td>
                  <Table.Td>{when(key.last_used_at)}</Table.Td>
                  <Table.Td title={whenInFull(key.expires_at)}>
                    {key.expires_at === null ? 'never' : when(key.expires_at)}
                  </Table.Td>
                  <Table.Td ta="right">
                    <Button
                      variant="subtle"
                      color="red"
                      size="compact-xs"
                      onClick={() => revoke.mutate(key.id)}
                    >
                      Revoke
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <NewKey project={project} onMade={onMade} />
    </section>
  );
}

function NewKey({ project, onMade }: { project: string; onMade: (made: KeyMade) => void }) {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Scope[]>(['ingest']);
  const [expires, setExpires] = useState('');
  const make = useMutation({
    mutationFn: () =>
      post('/keys', {
        body: {
          project_id: project,
          name: name.trim(),
          scopes: [...scopes],
          expires_at: fromLocalInput(expires) ?? null,
        },
      }),
    onSuccess: (made) => {
      setName('');
      onMade(made);
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <div className={classes['fields']}>
        <TextInput
          label="New key"
          placeholder="exporter of the support agent"
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Expires"
          type="datetime-local"
          value={expires}
          onChange={(event) => setExpires(event.currentTarget.value)}
        />
        <Checkbox.Group
          label="It may"
          value={[...scopes]}
          onChange={(chosen) => setScopes(SCOPES.filter((scope) => chosen.includes(scope)))}
        >
          <Group gap="sm" mih={30}>
            {SCOPES.map((scope) => (
              <Checkbox key={scope} value={scope} label={SAID[scope]} />
            ))}
          </Group>
        </Checkbox.Group>
        <Button
          type="submit"
          loading={make.isPending}
          disabled={name.trim() === '' || scopes.length === 0}
        >
          Make a key
        </Button>
      </div>
      {make.isError && <ProblemNotice error={make.error} />}
    </form>
  );
}
