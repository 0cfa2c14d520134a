import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ConversationView } from '@/api/types';
import { visible } from '@/shared/safeText';
import { ToneBadge } from '@/shared/Tone';
import { between, count, counted, money, UNKNOWN } from '@/shared/words';
import classes from './Facts.module.css';

/** What there is to know of a talk at a glance. */
export function Facts({ project, talk }: { project: string; talk: ConversationView }) {
  const calls = talk.turns.reduce((sum, turn) => sum + turn.tool_calls.length, 0);
  const failed = talk.turns.filter(({ had_errors: had, error }) => had || error !== null).length;
  return (
    <aside className={classes['facts']} aria-label="Facts">
      <dl>
        <Fact name="User">
          {talk.user_ids.length === 0 && UNKNOWN}
          {talk.user_ids.map((user) => (
            <Link
              key={user}
              to="/p/$project/sessions"
              params={{ project }}
              search={{ user }}
              title="All sessions of this user"
            >
              <bdi>{visible(user)}</bdi>{' '}
            </Link>
          ))}
        </Fact>
        <Fact name="Agent">{orUnknown(talk.agent_name)}</Fact>
        <Fact name="Version">{orUnknown(talk.agent_version)}</Fact>
        <Fact name="Model">{orUnknown(talk.model ?? talk.model_response)}</Fact>
        <Fact name="Errors">
          {failed > 0 ? <ToneBadge tone="bad">in {counted(failed, 'turn')}</ToneBadge> : 'none'}
        </Fact>
        <Fact name="Tool calls">{count(calls)}</Fact>
        <Fact name="Tokens in">{count(talk.usage.input_tokens)}</Fact>
        <Fact name="Tokens out">{count(talk.usage.output_tokens)}</Fact>
        <Fact name="Cost">
          {money(talk.cost?.amount, talk.cost?.currency)}{' '}
          {talk.cost?.source === 'computed' && <span className="dim">computed</span>}
        </Fact>
        <Fact name="Whole talk">
          {talk.time_synthetic ? UNKNOWN : between(talk.started_at, talk.ended_at)}
        </Fact>
        {talk.scores.map(({ name, value }) => (
          <Fact key={name} name={`Score ${visible(name)}`}>
            {value}
          </Fact>
        ))}
        {talk.tags.length > 0 && (
          <Fact name="Tags">
            <span className={classes['tags']}>
              {talk.tags.map((tag) => (
                <ToneBadge key={tag} tone="muted" icon={null}>
                  <bdi>{visible(tag)}</bdi>
                </ToneBadge>
              ))}
            </span>
          </Fact>
        )}
      </dl>
    </aside>
  );
}

const orUnknown = (text: string | null) => (text === null ? UNKNOWN : visible(text));

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
