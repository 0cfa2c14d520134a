import { IconGitFork, IconTimeline } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import type { ConversationView, TurnView } from '@/api/types';
import { LinkButton } from '@/shared/LinkButton';
import { SafeText } from '@/shared/SafeText';
import { sizeInWords } from '@/shared/safeText';
import { Speech } from '@/shared/talk/Speech';
import { ToolCallCard } from '@/shared/talk/ToolCallCard';
import { ToneNote } from '@/shared/Tone';
import { clock, count, duration, UNKNOWN, whenInFull } from '@/shared/words';
import { Facts } from './Facts';
import classes from './Transcript.module.css';

/** Turns from which on those out of view are not laid out. */
const LONG = 60;

interface TranscriptProps {
  readonly project: string;
  readonly talk: ConversationView;
  /** The turn that is pointed at. */
  readonly turn: number | undefined;
}

/** The talk as it was, turn by turn, beside the facts about it. */
export function Transcript({ project, talk, turn }: TranscriptProps) {
  return (
    <div className={classes['columns']}>
      <div className={classes['talk']} data-long={talk.turns.length > LONG || undefined}>
        {talk.system_prompt !== null && <SystemPrompt text={talk.system_prompt} />}
        {talk.turns.map((one) => (
          <Turn
            key={one.index}
            project={project}
            talk={talk}
            turn={one}
            isPointedAt={one.index === turn}
          />
        ))}
        {talk.turns.length === 0 && (
          <ToneNote tone="warn" title="There are spans, but no words in them">
            Let the instrumentation capture message content; the tab Fidelity says what is missing.
          </ToneNote>
        )}
      </div>
      <Facts project={project} talk={talk} />
    </div>
  );
}

function SystemPrompt({ text }: { text: string }) {
  return (
    <details className={classes['prompt']}>
      <summary>
        System prompt <span className="dim">{sizeInWords(text)}</span>
      </summary>
      <SafeText text={text} />
    </details>
  );
}

interface TurnProps {
  readonly project: string;
  readonly talk: ConversationView;
  readonly turn: TurnView;
  readonly isPointedAt: boolean;
}

function Turn({ project, talk, turn, isPointedAt }: TurnProps) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isPointedAt) box.current?.scrollIntoView({ block: 'center' });
  }, [isPointedAt]);
  const title = turn.index === 0 ? 'Before the first words' : `Turn ${turn.index}`;
  const agent = talk.agent_name;
  return (
    <section
      ref={box}
      aria-label={title}
      className={classes['turn']}
      data-pointed={isPointedAt || undefined}
    >
      <header className={classes['head']}>
        <h2 className={classes['title']}>{title}</h2>
        <span className={classes['facts']}>
          <time dateTime={turn.started_at ?? undefined} title={whenInFull(turn.started_at)}>
            {talk.time_synthetic ? 'no clock' : clock(turn.started_at)}
          </time>
          <span title="How long the agent took">{duration(turn.latency_ms)}</span>
          <span title="Tokens in and out">{tokens(turn)}</span>
        </span>
        <span className={classes['acts']}>
          <Links project={project} talk={talk} turn={turn} />
        </span>
      </header>
      {turn.user !== null && <Speech by="user" name={turn.user_id} text={turn.user} />}
      {turn.tool_calls.map((call, index) => (
        <ToolCallCard key={`${call.id ?? call.span_id ?? ''} ${index}`} call={call} />
      ))}
      {turn.assistant !== null && <Speech by="agent" name={agent} text={turn.assistant} />}
      {turn.error !== null && (
        <div className={classes['error']}>
          <ToneNote tone="bad" title="This turn has no answer">
            <SafeText text={turn.error} />
          </ToneNote>
        </div>
      )}
      {turn.assistant === null && turn.error === null && (
        <p className={classes['none']}>No answer was captured.</p>
      )}
    </section>
  );
}

function Links({ project, talk, turn }: Omit<TurnProps, 'isPointedAt'>) {
  const span = turn.model_calls[0]?.span_id ?? turn.tool_calls[0]?.span_id ?? undefined;
  return (
    <>
      {span !== undefined && (
        <LinkButton
          variant="subtle"
          color="gray"
          size="compact-xs"
          leftSection={<IconTimeline size={14} stroke={1.7} />}
          to="/p/$project/conversation"
          params={{ project }}
          search={{ id: talk.id, view: 'spans', span }}
        >
          Spans
        </LinkButton>
      )}
      {turn.index > 0 && (
        <LinkButton
          variant="subtle"
          color="gray"
          size="compact-xs"
          leftSection={<IconGitFork size={14} stroke={1.7} />}
          to="/p/$project/forks"
          params={{ project }}
          search={{ conversation: talk.id, at: turn.index }}
          title="Keep the turns before this one, and go on from here with the agent of today"
        >
          Fork here
        </LinkButton>
      )}
    </>
  );
}

function tokens({ usage }: TurnView): string {
  const { input_tokens: given, output_tokens: made } = usage;
  if ((given ?? made ?? null) === null) return `${UNKNOWN} tokens`;
  return `${count(given)} → ${count(made)} tokens`;
}
