import { IconGitFork } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ForkTree, ForkView } from '@/api/types';
import { EmptyState } from '@/shared/EmptyState';
import { Page, Waiting } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { SafeText } from '@/shared/SafeText';
import { oneLine, visible } from '@/shared/safeText';
import { ToneBadge } from '@/shared/Tone';
import { when } from '@/shared/words';
import classes from './compare.module.css';
import { ForkDialog } from './ForkDialog';
import { forksQuery } from './queries';
import { statusTone, statusWords } from './sides';

const route = getRouteApi('/p/$project/forks');

/** The forks of a project, or of one conversation, each as a branch of the tree. */
export function ForksPage() {
  const { project } = route.useParams();
  const { conversation, at } = route.useSearch();
  const navigate = route.useNavigate();
  const found = useQuery(forksQuery(project, conversation));
  return (
    <Page title={conversation === undefined ? 'Forks' : 'Forks of a conversation'}>
      {found.isError && <ProblemNotice error={found.error} onRetry={() => void found.refetch()} />}
      {found.isPending && <Waiting />}
      {found.data?.map((tree) => (
        <Tree key={`${tree.recording.id} ${tree.recording_hash}`} project={project} tree={tree} />
      ))}
      {found.data?.length === 0 && (
        <EmptyState icon={IconGitFork} title="No fork yet">
          Open a conversation or a comparison and press “Fork here” at a turn: the turns before it
          stay, and the agent of today answers from there on.
        </EmptyState>
      )}
      {conversation !== undefined && at !== undefined && (
        <ForkDialog
          project={project}
          conversation={conversation}
          at={at}
          words={wordsAt(found.data, at)}
          onClose={() =>
            void navigate({ search: (before) => ({ ...before, at: undefined }), replace: true })
          }
        />
      )}
    </Page>
  );
}

const wordsAt = (trees: readonly ForkTree[] | undefined, at: number) =>
  trees?.[0]?.recording.turns.find(({ index }) => index === at)?.user ?? '';

function Tree({ project, tree }: { project: string; tree: ForkTree }) {
  const { recording } = tree;
  const name = recording.session_id ?? recording.id;
  return (
    <section className={classes['stack']} aria-label={`Forks of ${visible(name)}`}>
      <h2 className={classes['title']}>
        <Link to="/p/$project/conversation" params={{ project }} search={{ id: recording.id }}>
          <bdi>{oneLine(visible(name), 80)}</bdi>
        </Link>
      </h2>
      <ul className={classes['tree']}>
        {tree.forks.map((fork) => (
          <li key={fork.id} style={{ marginLeft: (Math.min(fork.depth, 8) - 1) * 24 }}>
            <Branch project={project} fork={fork} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Branch({ project, fork }: { project: string; fork: ForkView }) {
  const { against_parent: compared } = fork;
  const worst = compared.turns.find(({ status }) => status !== 'same')?.status ?? 'same';
  return (
    <div className={classes['branch']}>
      <div className={classes['branchHead']}>
        <Link to="/p/$project/runs/$id" params={{ project, id: fork.run_id }}>
          <bdi>{visible(fork.name)}</bdi>
        </Link>
        <span>from turn {fork.turn}</span>
        {fork.parent !== null && <span className="dim">of {visible(fork.parent)}</span>}
        <ToneBadge tone={statusTone(worst)}>{statusWords(worst)}</ToneBadge>
        <span className="dim">
          {fork.status}, {when(fork.created_at)}
        </span>
      </div>
      {fork.edits.map((edit, index) => (
        <div key={index} className="dim">
          {edit.kind === 'user' && (
            <>
              The user says: <SafeText text={edit.text} as="inline" most={300} />
            </>
          )}
          {edit.kind === 'system' && 'Another system prompt'}
          {edit.kind === 'tool_result' && `Another answer of ${visible(edit.tool)}`}
        </div>
      ))}
      {compared.first_divergence && (
        <SafeText text={compared.first_divergence.sentence} as="inline" />
      )}
    </div>
  );
}
