import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { post } from '@/api/client';
import { infoQuery, meQuery, queryClient } from '@/api/queries';
import { CopyText } from '@/shared/CopyText';
import { Page, Waiting } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { visible } from '@/shared/safeText';
import { Keys } from './Keys';
import { RetentionForm } from './RetentionForm';
import classes from './settings.module.css';

const route = getRouteApi('/p/$project/settings');

/** The project's keys and retention, and what the server was started with. */
export function SettingsPage() {
  const { project } = route.useParams();
  const me = useQuery(meQuery);
  return (
    <Page title="Settings" actions={me.data?.signed_in && <SignOut />}>
      <div className={classes['sections']}>
        <Server />
        <Keys project={project} />
        <RetentionForm project={project} />
      </div>
    </Page>
  );
}

function SignOut() {
  const navigate = useNavigate();
  const out = useMutation({
    mutationFn: () => post('/logout', {}),
    onSuccess: async () => {
      queryClient.clear();
      await navigate({ to: '/login' });
    },
  });
  return (
    <Button variant="default" loading={out.isPending} onClick={() => out.mutate()}>
      Sign out
    </Button>
  );
}

function Server() {
  const found = useQuery(infoQuery);
  if (found.isPending) return <Waiting />;
  if (found.isError) return <ProblemNotice error={found.error} />;
  const info = found.data;
  const facts: readonly (readonly [string, string])[] = [
    ['Version', info.version],
    ['The data', info.data_file],
    ['Agents', info.agents_folder ?? 'none: reenact serve --agents FOLDER'],
    ['Kept tests', info.cases_folder ?? 'none: reenact serve --cases FOLDER'],
    ['Language model', info.model ?? 'none: REENACT_MODEL names one'],
  ];
  return (
    <section className={classes['section']} aria-label="This server">
      <h2 className={classes['title']}>This server</h2>
      <dl className={classes['facts']}>
        {facts.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{visible(value)}</dd>
          </div>
        ))}
      </dl>
      <div>Let your agent&apos;s exporter send its traces here:</div>
      <CopyText text={info.exporter_lines.join('\n')} label="Copy the lines" />
    </section>
  );
}
