import type { RunDetail } from '@/api/types';
import { VerdictBadge, VERDICTS } from '@/shared/VerdictBadge';
import { count } from '@/shared/words';
import classes from './run.module.css';

type Summary = NonNullable<RunDetail['summary']>;

/** What became of the run at a glance. */
export function Totals({ summary }: { summary: Summary }) {
  const verdicts = VERDICTS.filter((verdict) => (summary.verdicts[verdict] ?? 0) > 0);
  const { turn_status: turns } = summary;
  const all = Object.values(turns).reduce((sum, many) => sum + many, 0);
  return (
    <dl className={classes['totals']}>
      <div>
        <dt>Completed</dt>
        <dd>
          {count(summary.completed)} of {count(summary.total)}
          {summary.completion_percent !== null && (
            <span className="dim"> ({summary.completion_percent} % ended)</span>
          )}
        </dd>
      </div>
      <div>
        <dt>Agent failed in</dt>
        <dd>{count(summary.failed)}</dd>
      </div>
      <div>
        <dt>Turns the same</dt>
        <dd>
          {count(turns['same'])} of {count(all)}
        </dd>
      </div>
      <div>
        <dt>Other tools or arguments</dt>
        <dd>{count((turns['tools_changed'] ?? 0) + (turns['arguments_changed'] ?? 0))}</dd>
      </div>
      <div>
        <dt>Verdicts</dt>
        <dd className={classes['verdicts']}>
          {verdicts.map((verdict) => (
            <span key={verdict}>
              <VerdictBadge verdict={verdict} /> {count(summary.verdicts[verdict])}
            </span>
          ))}
        </dd>
      </div>
    </dl>
  );
}
