import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { Page, Waiting } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { oneLine, visible } from '@/shared/safeText';
import { counted } from '@/shared/words';
import { EdgeTable } from './EdgeTable';
import { graphQuery, markedCallQuery, scenarioQuery } from './queries';
import { SCENARIO_VIEWS, type ScenarioView } from './routes';
import { Rows } from './Rows';

const GraphView = lazy(() => import('./GraphView'));
const route = getRouteApi('/p/$project/scenarios/$id');

const TITLES: Readonly<Record<ScenarioView, string>> = {
  rows: 'Rows',
  graph: 'Graph',
  edges: 'Graph as a table',
};

/** A scenario: its rows, and the graph of the talks that it was made of. */
export function ScenarioPage() {
  const { project, id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const found = useQuery(scenarioQuery(id));
  if (found.isError) {
    return (
      <Page title="This scenario cannot be shown">
        <ProblemNotice error={found.error} onRetry={() => void found.refetch()} />
      </Page>
    );
  }
  if (!found.data) return <Waiting />;
  const scenario = found.data;
  const view = search.view ?? (search.call === undefined ? 'rows' : 'graph');
  return (
    <Page
      fill
      title={oneLine(visible(scenario.name), 90)}
      beside={<span>{counted(scenario.rows, 'row')}</span>}
    >
      <Tabs
        value={view}
        keepMounted={false}
        styles={STYLES}
        onChange={(name) => {
          const wanted = SCENARIO_VIEWS.find((one) => one === name);
          void navigate({ search: (before) => ({ ...before, view: wanted }), replace: true });
        }}
      >
        <Tabs.List>
          {SCENARIO_VIEWS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {TITLES[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="rows">
          <Rows project={project} scenario={scenario} />
        </Tabs.Panel>
        <Tabs.Panel value="graph">
          <Graph id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="edges">
          <Edges id={id} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Graph({ id }: { id: string }) {
  const search = route.useSearch();
  const found = useQuery(graphQuery(id));
  const call = useQuery({
    ...markedCallQuery(search.call ?? ''),
    enabled: search.call !== undefined,
  });
  if (found.isError) return <ProblemNotice error={found.error} />;
  if (!found.data || (search.call !== undefined && call.isPending)) return <Waiting />;
  const marked = search.path ?? call.data?.call.baseline.id;
  const parted =
    call.data?.call.comparison.first_other_act ?? call.data?.call.comparison.first_divergence;
  return (
    <Suspense fallback={<Waiting />}>
      <GraphView graph={found.data} marked={marked} partedAt={parted?.turn} />
    </Suspense>
  );
}

function Edges({ id }: { id: string }) {
  const found = useQuery(graphQuery(id));
  if (found.isError) return <ProblemNotice error={found.error} />;
  return found.data ? <EdgeTable graph={found.data} /> : <Waiting />;
}

const STYLES = {
  root: { display: 'flex', flexDirection: 'column', flex: 1, minHeight: 0 },
  list: { flex: 'none' },
  panel: {
    paddingTop: '0.75rem',
    flex: 1,
    minHeight: 0,
    display: 'flex',
    flexDirection: 'column',
    overflow: 'auto',
  },
} as const;
