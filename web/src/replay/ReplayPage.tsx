import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useEffect, useRef } from 'react';
import { post } from '@/api/client';
import type { ReplaySessionMade } from '@/api/types';
import { EmptyState } from '@/shared/EmptyState';
import { Page, Waiting } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { counted } from '@/shared/words';
import { AgentStep } from './AgentStep';
import { askedOf, isNothing } from './asked';
import { replaySessionQuery } from './queries';
import classes from './replay.module.css';
import { ScenarioStep } from './ScenarioStep';

const route = getRouteApi('/p/$project/replay');

/** From a selection to a run: what is replayed, against which agent, and off it goes. */
export function ReplayPage() {
  const { project } = route.useParams();
  const search = route.useSearch();
  if (isNothing(search)) {
    return (
      <Page title="Replay">
        <EmptyState icon={IconPlayerPlay} title="Nothing is selected">
          Go to Sessions or Traces, select what went wrong, and press <kbd>r</kbd>.
        </EmptyState>
      </Page>
    );
  }
  if (search.replay === undefined) return <Freezing project={project} />;
  return <Steps project={project} id={search.replay} />;
}

/** Makes the replay session of the selection, and puts it into the address. */
function Freezing({ project }: { project: string }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const make = useMutation({
    mutationFn: () => post('/replay-sessions', { body: askedOf(project, search, new Date()) }),
  });
  const begun = useRef(false);
  const { mutate } = make;
  const freeze = useCallback(() => {
    // Only while this is shown: who has gone back meanwhile is not led here again.
    mutate(undefined, {
      onSuccess: ({ session }) =>
        void navigate({ search: (before) => ({ ...before, replay: session.id }), replace: true }),
    });
  }, [mutate, navigate]);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    freeze();
  }, [freeze]);
  return (
    <Page title="Replay">
      {make.isError ? (
        <ProblemNotice error={make.error} onRetry={freeze} />
      ) : (
        <Waiting what="Freezing the selection" />
      )}
    </Page>
  );
}

function Steps({ project, id }: { project: string; id: string }) {
  const found = useQuery(replaySessionQuery(id));
  if (found.isError) {
    return (
      <Page title="Replay">
        <ProblemNotice error={found.error} onRetry={() => void found.refetch()} />
      </Page>
    );
  }
  if (!found.data) return <Waiting />;
  return <Shown project={project} made={found.data} onMade={() => void found.refetch()} />;
}

interface ShownProps {
  readonly project: string;
  readonly made: ReplaySessionMade;
  readonly onMade: () => void;
}

function Shown({ project, made, onMade }: ShownProps) {
  const { session, suggestions } = made;
  const isMade = session.scenario_id !== null;
  return (
    <Page
      title="Replay"
      beside={
        suggestions && (
          <span>
            {counted(suggestions.conversations, 'conversation')},{' '}
            {counted(suggestions.turns, 'turn')}, {counted(suggestions.tool_calls, 'tool call')},{' '}
            {suggestions.fidelity}
          </span>
        )
      }
    >
      <ol className={classes['steps']}>
        <li className={classes['step']} data-done={isMade || undefined}>
          <ScenarioStep made={made} onMade={onMade} />
        </li>
        <li className={classes['step']} aria-disabled={!isMade || undefined}>
          <AgentStep project={project} session={session} isOpen={isMade} />
        </li>
      </ol>
    </Page>
  );
}
