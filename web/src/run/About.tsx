import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { RunDetail } from '@/api/types';
import { visible } from '@/shared/safeText';
import { between, count, whenInFull } from '@/shared/words';
import classes from './run.module.css';

/** What was run, how, and what it took. */
export function About({ run }: { run: RunDetail }) {
  const { options } = run;
  return (
    <dl className={classes['about']}>
      <Fact name="Agent">
        <Link to="/p/$project/agents/$id" params={{ project: run.project_id, id: run.agent_id }}>
          <bdi>{visible(run.agent)}</bdi>
        </Link>{' '}
        version {run.agent_version}
      </Fact>
      <Fact name="Reached at">{visible(run.target)}</Fact>
      <Fact name="Scenario">
        {run.scenario_ids.map((id) => (
          <Link key={id} to="/p/$project/scenarios/$id" params={{ project: run.project_id, id }}>
            <bdi>{visible(run.scenario)}</bdi>
          </Link>
        ))}
      </Fact>
      <Fact name="User">{options.user_policy}</Fact>
      <Fact name="Mode">{options.mode}</Fact>
      <Fact name="Repeats">{count(options.repeats)}</Fact>
      <Fact name="At once">{count(options.concurrency)}</Fact>
      <Fact name="What nothing recorded answers">{options.on_miss.replace('_', ' ')}</Fact>
      <Fact name="Began">{whenInFull(run.started_at)}</Fact>
      <Fact name="Took">{between(run.started_at, run.ended_at)}</Fact>
      {run.budget && <Fact name="Budget">{budgetWords(run.budget)}</Fact>}
      {run.spent && (
        <Fact name="Spent">
          {count(run.spent.turns)} turns, {run.spent.seconds.toFixed(1)} s
        </Fact>
      )}
      <Fact name="Id">
        <code>{run.id}</code>
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function budgetWords(budget: NonNullable<RunDetail['budget']>): string {
  const parts = [
    budget.max_turns && `${count(budget.max_turns)} turns`,
    budget.max_seconds && `${count(budget.max_seconds)} s`,
    budget.max_cost_usd && `$${budget.max_cost_usd}`,
  ];
  return parts.filter(Boolean).join(', ');
}
