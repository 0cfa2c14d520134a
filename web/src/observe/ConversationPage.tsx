import { Tabs } from '@mantine/core';
import { IconGitFork, IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { ConversationView } from '@/api/types';
import { LinkButton } from '@/shared/LinkButton';
import { Page, Waiting } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { oneLine, visible } from '@/shared/safeText';
import { useShortcuts } from '@/shared/shortcuts';
import { counted, whenInFull } from '@/shared/words';
import { DetailsView } from './DetailsView';
import { FidelityBadge, FidelityView } from './FidelityView';
import { conversationQuery } from './queries';
import { type ConversationSearch, type View, VIEWS } from './routes';
import { SpansView } from './SpansView';
import { Transcript } from './Transcript';

const route = getRouteApi('/p/$project/conversation');

/** A conversation: the talk as it was, where the time went, and how much of it was captured. */
export function ConversationPage() {
  const { project } = route.useParams();
  const { id } = route.useSearch();
  const found = useQuery(conversationQuery(project, id));
  if (found.isError) {
    return (
      <Page title="This conversation cannot be shown">
        <ProblemNotice error={found.error} onRetry={() => void found.refetch()} />
      </Page>
    );
  }
  if (!found.data) return <Waiting />;
  return <Shown project={project} talk={found.data} />;
}

function Shown({ project, talk }: { project: string; talk: ConversationView }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const go = useNavigate();
  const view = search.view ?? 'talk';
  const replay = { type: talk.kind, pick: [talk.id] } as const;
  const show = (change: Partial<ConversationSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  useShortcuts([
    {
      keys: 'r',
      does: 'Replay this conversation',
      run: () => void go({ to: '/p/$project/replay', params: { project }, search: replay }),
    },
    ...VIEWS.map((name, index) => ({
      keys: String(index + 1),
      does: `Show: ${TITLES[name]}`,
      run: () => show({ view: asSearch(name) }),
    })),
  ]);
  const talked = talk.turns.filter(({ index }) => index > 0).length;
  return (
    <Page
      fill={view === 'spans'}
      title={titleOf(talk)}
      beside={
        <>
          <span>{counted(talked, 'turn')}</span>
          <span>{whenInFull(talk.started_at)}</span>
          <FidelityBadge fidelity={talk.fidelity} />
        </>
      }
      actions={
        <>
          <LinkButton
            variant="default"
            leftSection={<IconGitFork size={15} stroke={1.7} />}
            to="/p/$project/forks"
            params={{ project }}
            search={{ conversation: talk.id }}
          >
            Forks
          </LinkButton>
          <LinkButton
            leftSection={<IconPlayerPlay size={15} />}
            to="/p/$project/replay"
            params={{ project }}
            search={replay}
          >
            Replay
          </LinkButton>
        </>
      }
    >
      <Tabs
        value={view}
        onChange={(name) => show({ view: asSearch(VIEWS.find((one) => one === name)) })}
        keepMounted={false}
        styles={VIEW_STYLES}
      >
        <Tabs.List>
          {VIEWS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {TITLES[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="talk">
          <Transcript project={project} talk={talk} turn={search.turn} />
        </Tabs.Panel>
        <Tabs.Panel value="spans">
          <SpansView
            project={project}
            id={talk.id}
            picked={search.span}
            onPick={(span) => show({ span })}
          />
        </Tabs.Panel>
        <Tabs.Panel value="fidelity">
          <FidelityView fidelity={talk.fidelity} />
        </Tabs.Panel>
        <Tabs.Panel value="details">
          <DetailsView talk={talk} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

const TITLES: Readonly<Record<View, string>> = {
  talk: 'Talk',
  spans: 'Spans and timing',
  fidelity: 'Fidelity',
  details: 'Details',
};

const VIEW_STYLES = {
  root: { display: 'flex', flexDirection: 'column', flex: 1, minHeight: 0 },
  list: { flex: 'none' },
  panel: { paddingTop: '0.75rem', flex: 1, minHeight: 0 },
} as const;

/** The talk is what is shown without being asked for. */
const asSearch = (view: View | undefined) => (view === 'talk' ? undefined : view);

function titleOf(talk: ConversationView): string {
  const id = talk.session_id ?? talk.id.replace(/^trace:/, '');
  return `${talk.kind === 'session' ? 'Session' : 'Trace'} ${oneLine(visible(id), 80)}`;
}
