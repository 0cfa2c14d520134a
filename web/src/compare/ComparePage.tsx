import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { CallDetail, CallView as Call, Comparison, TurnView } from '@/api/types';
import { MetricTable } from '@/shared/MetricTable';
import { Page, Waiting } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { oneLine, visible } from '@/shared/safeText';
import { ToneBadge } from '@/shared/Tone';
import { VerdictBadge } from '@/shared/VerdictBadge';
import { CallActions } from './CallActions';
import { Checks } from './Checks';
import { FirstDivergence } from './FirstDivergence';
import { againstQuery, callQuery } from './queries';
import { CALL_VIEWS, type CallView } from './routes';
import { SpansBeside } from './SpansBeside';
import { TurnsBeside } from './TurnsBeside';
import { pairsOf } from './sides';

const route = getRouteApi('/p/$project/calls/$id');

const TITLES: Readonly<Record<CallView, string>> = {
  talk: 'Talk',
  numbers: 'Numbers',
  spans: 'Spans',
  checks: 'Checks',
};

/** Original and replay side by side; or two replays of one recording. */
export function ComparePage() {
  const { project, id } = route.useParams();
  const { against } = route.useSearch();
  const found = useQuery(callQuery(id));
  const other = useQuery({ ...againstQuery(id, against ?? ''), enabled: against !== undefined });
  const failed = found.error ?? (against === undefined ? null : other.error);
  if (failed) {
    return (
      <Page title="This comparison cannot be shown">
        <ProblemNotice error={failed} onRetry={() => void found.refetch()} />
      </Page>
    );
  }
  if (!found.data || (against !== undefined && !other.data)) return <Waiting />;
  const { call } = found.data;
  const sides = other.data
    ? {
        left: other.data.a.turns,
        right: other.data.b.turns,
        comparison: other.data.comparison,
        names: [`Replay ${callName(other.data.a)}`, `Replay ${callName(other.data.b)}`] as const,
      }
    : {
        left: call.baseline.turns,
        right: call.turns,
        comparison: call.comparison,
        names: ['Original', 'Replay'] as const,
      };
  return <Shown project={project} detail={found.data} {...sides} />;
}

const callName = ({ id }: Call) => visible(id.split('/').slice(1).join(' '));

interface ShownProps {
  readonly project: string;
  readonly detail: CallDetail;
  readonly left: readonly TurnView[];
  readonly right: readonly TurnView[];
  readonly comparison: Comparison;
  readonly names: readonly [string, string];
}

function Shown({ project, detail, left, right, comparison, names }: ShownProps) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const view = search.view ?? 'talk';
  const { call } = detail;
  const pairs = pairsOf(left, right, comparison);
  const point = (turn: number | undefined) =>
    void navigate({ search: (before) => ({ ...before, turn }), replace: true });
  return (
    <Page
      title={oneLine(visible(call.baseline.session_id ?? call.baseline.id), 80)}
      beside={
        <>
          <VerdictBadge verdict={call.verdict} title={call.verdict_reason} />
          <ToneBadge tone={call.status === 'completed' ? 'good' : 'warn'}>{call.status}</ToneBadge>
          {call.repeat > 0 && <span>repeat {call.repeat + 1}</span>}
        </>
      }
      actions={<CallActions project={project} detail={detail} pairs={pairs} onPoint={point} />}
    >
      <FirstDivergence comparison={comparison} onPoint={point} />
      <Tabs
        value={view}
        keepMounted={false}
        onChange={(name) => {
          const found = CALL_VIEWS.find((one) => one === name);
          const wanted = found === 'talk' ? undefined : found;
          void navigate({ search: (before) => ({ ...before, view: wanted }), replace: true });
        }}
      >
        <Tabs.List>
          {CALL_VIEWS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {TITLES[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="talk" pt="sm">
          <TurnsBeside
            project={project}
            detail={detail}
            pairs={pairs}
            names={names}
            turn={search.turn ?? comparison.first_divergence?.turn}
            canFork={search.against === undefined}
          />
        </Tabs.Panel>
        <Tabs.Panel value="numbers" pt="sm">
          <MetricTable label="Numbers of both sides" metrics={comparison.metrics} />
        </Tabs.Panel>
        <Tabs.Panel value="spans" pt="sm">
          <SpansBeside id={call.id} />
        </Tabs.Panel>
        <Tabs.Panel value="checks" pt="sm">
          <Checks call={call} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
