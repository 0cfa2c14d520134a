import { Button } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { post } from '@/api/client';
import { infoQuery, queryClient } from '@/api/queries';
import { CopyText } from '@/shared/CopyText';
import { Waiting } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { visible } from '@/shared/safeText';
import classes from './NoDataYet.module.css';

/** What to do where there are no traces: send some, import some, or load the demo. */
export function NoDataYet({ project = 'my-agent' }: { project?: string }) {
  const info = useQuery(infoQuery);
  if (info.isError) return <ProblemNotice error={info.error} onRetry={() => void info.refetch()} />;
  if (!info.data) return <Waiting />;
  return (
    <ol className={classes['ways']}>
      <li>
        <h2>Send traces from your agent</h2>
        <p>Either line will do, with any OpenTelemetry instrumentation.</p>
        <div className={classes['lines']}>
          {info.data.exporter_lines.map((line) => (
            <CopyText key={line} text={line} label="Copy this line" />
          ))}
        </div>
      </li>
      <li>
        <h2>Or import what you have</h2>
        <p>Files of OTLP, or conversations that another tool exported.</p>
        <CopyText
          text={`reenact import ./traces --project ${shellWord(project)}`}
          label="Copy the command"
        />
      </li>
      <li>
        <h2>Or look around in the demo</h2>
        <p>A support agent that refunded an order it should only have looked up.</p>
        <LoadDemo />
      </li>
    </ol>
  );
}

/** Loads the demo, and opens the talk that went wrong. */
export function LoadDemo() {
  const navigate = useNavigate();
  const load = useMutation({
    mutationFn: () => post('/demo', {}),
    onSuccess: async (demo) => {
      await queryClient.invalidateQueries();
      await navigate({
        to: '/p/$project/conversation',
        params: { project: demo.project_id },
        search: { id: demo.conversation_id },
      });
    },
  });
  return (
    <>
      <Button
        leftSection={<IconPlayerPlay size={15} />}
        loading={load.isPending}
        onClick={() => load.mutate()}
      >
        Load the demo
      </Button>
      {load.isError && <ProblemNotice error={load.error} />}
    </>
  );
}

/** A text as one word of a shell's command; what cannot be seen is named, and will not run. */
function shellWord(text: string): string {
  const seen = visible(text);
  return /^[\w.-]+$/.test(seen) ? seen : `'${seen.replaceAll("'", "'\\''")}'`;
}
