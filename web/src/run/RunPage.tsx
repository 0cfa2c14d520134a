import { Progress, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { RunDetail } from '@/api/types';
import { MetricTable } from '@/shared/MetricTable';
import { Page, Waiting } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { SafeText } from '@/shared/SafeText';
import { oneLine, visible } from '@/shared/safeText';
import { ToneBadge, ToneNote } from '@/shared/Tone';
import { count } from '@/shared/words';
import { About } from './About';
import { Distributions } from './Distributions';
import { runQuery } from './queries';
import { RUN_VIEWS, type RunViewName } from './routes';
import { RunActions } from './RunActions';
import { donePercent, goesOn, runTone } from './status';
import { Talks } from './Talks';
import { Totals } from './Totals';
import { useLiveRun } from './useLiveRun';

const route = getRouteApi('/p/$project/runs/$id');

const TITLES: Readonly<Record<RunViewName, string>> = {
  talks: 'Talks',
  numbers: 'Numbers',
  about: 'About this run',
};

/** A run: live while it goes on, and its results once it has ended. */
export function RunPage() {
  const { project, id } = route.useParams();
  const found = useQuery(runQuery(id));
  if (found.isError) {
    return (
      <Page title="This run cannot be shown">
        <ProblemNotice error={found.error} onRetry={() => void found.refetch()} />
      </Page>
    );
  }
  if (!found.data) return <Waiting />;
  return <Shown project={project} run={found.data} />;
}

function Shown({ project, run }: { project: string; run: RunDetail }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const isLive = goesOn(run.status);
  const progress = useLiveRun(run.id, isLive) ?? run.progress;
  const view = search.view ?? 'talks';
  return (
    <Page
      fill={view === 'talks'}
      title={oneLine(visible(run.name), 90)}
      beside={
        <>
          <ToneBadge tone={runTone(progress.status)}>{progress.status}</ToneBadge>
          <span role="status">
            {count(progress.completed + progress.failed)} of {count(progress.calls)} talks,{' '}
            {count(progress.turns)} turns
          </span>
        </>
      }
      actions={<RunActions project={project} run={run} />}
    >
      {isLive && (
        <Progress.Root size="md">
          <Progress.Section value={donePercent(progress)} aria-label="Talks that have ended" />
        </Progress.Root>
      )}
      {run.reason !== null && (
        <ToneNote tone={run.status === 'failed' ? 'bad' : 'warn'}>
          <SafeText text={run.reason} />
        </ToneNote>
      )}
      {run.summary && <Totals summary={run.summary} />}
      <Tabs
        value={view}
        keepMounted={false}
        styles={STYLES}
        onChange={(name) => {
          const chosen = RUN_VIEWS.find((one) => one === name);
          const wanted = chosen === 'talks' ? undefined : chosen;
          void navigate({ search: (before) => ({ ...before, view: wanted }), replace: true });
        }}
      >
        <Tabs.List>
          {RUN_VIEWS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {TITLES[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="talks">
          <Talks project={project} run={run} />
        </Tabs.Panel>
        <Tabs.Panel value="numbers">
          {run.summary ? (
            <>
              <MetricTable label="Means of the talks" metrics={run.summary.metrics} />
              <Distributions all={run.distributions} />
            </>
          ) : (
            <ToneNote tone="muted" title="The numbers are made when the run has ended" />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="about">
          <About run={run} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

const STYLES = {
  root: { display: 'flex', flexDirection: 'column', flex: 1, minHeight: 0 },
  list: { flex: 'none' },
  panel: { paddingTop: '0.75rem', flex: 1, minHeight: 0, display: 'flex', flexDirection: 'column' },
} as const;
