import { Button, NumberInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { put } from '@/api/client';
import { Waiting } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { retentionQuery } from './queries';
import classes from './settings.module.css';

interface Kept {
  readonly days: number | string;
  readonly percent: number | string;
  readonly hours: number | string;
}

/** How long captured talks are kept. */
export function RetentionForm({ project }: { project: string }) {
  const found = useQuery(retentionQuery(project));
  const client = useQueryClient();
  const [edited, setEdited] = useState<Partial<Kept>>({});
  const save = useMutation({
    mutationFn: (kept: Kept) =>
      put('/retention', {
        body: {
          project_id: project,
          keep_days: kept.days === '' ? null : Number(kept.days),
          share: Number(kept.percent) / 100,
          quiet_hours: Number(kept.hours),
        },
      }),
    onSuccess: (now) => {
      client.setQueryData(retentionQuery(project).queryKey, now);
      setEdited({});
      notifications.show({ message: 'Saved. What is over goes within the hour.' });
    },
  });
  if (found.isPending) return <Waiting />;
  if (found.isError) return <ProblemNotice error={found.error} />;
  const kept: Kept = {
    days: found.data.keep_days ?? '',
    percent: found.data.share * 100,
    hours: found.data.quiet_hours,
    ...edited,
  };
  return (
    <section className={classes['section']} aria-label="Retention">
      <h2 className={classes['title']}>What is kept</h2>
      <div className={classes['fields']}>
        <NumberInput
          label="Sessions, for days"
          placeholder="for ever"
          min={1}
          value={kept.days}
          onChange={(days) => setEdited({ ...edited, days })}
        />
        <NumberInput
          label="Share of sessions, in percent"
          min={0}
          max={100}
          value={kept.percent}
          onChange={(percent) => setEdited({ ...edited, percent })}
        />
        <NumberInput
          label="Not touched while new, in hours"
          min={0}
          value={kept.hours}
          onChange={(hours) => setEdited({ ...edited, hours })}
        />
        <Button
          disabled={Object.keys(edited).length === 0}
          loading={save.isPending}
          onClick={() => save.mutate(kept)}
        >
          Save
        </Button>
      </div>
      <div className="dim">
        Sessions with errors are always kept. Recordings and kept tests stay whatever is deleted.
      </div>
      {save.isError && <ProblemNotice error={save.error} />}
    </section>
  );
}
