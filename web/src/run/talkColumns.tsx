import { Link } from '@tanstack/react-router';
import type { CallRow, TurnStatus } from '@/api/types';
import { oneLine, visible } from '@/shared/safeText';
import type { RowColumn } from '@/shared/table/columns';
import { type Tone, ToneBadge } from '@/shared/Tone';
import { VerdictBadge } from '@/shared/VerdictBadge';
import { count, duration, UNKNOWN } from '@/shared/words';

const WORST: Readonly<Record<TurnStatus, { words: string; tone: Tone }>> = {
  error: { words: 'Agent failed', tone: 'bad' },
  missing: { words: 'Turns missing', tone: 'muted' },
  extra: { words: 'Turns added', tone: 'info' },
  tools_changed: { words: 'Other tools', tone: 'bad' },
  arguments_changed: { words: 'Other arguments', tone: 'warn' },
  text_changed: { words: 'Other words', tone: 'info' },
  same: { words: 'Same', tone: 'good' },
};

export const STATUSES = Object.keys(WORST) as readonly TurnStatus[];
export const statusWords = (status: TurnStatus): string => WORST[status].words;

/** The columns of a run's talks. */
export function talkColumns(project: string): readonly RowColumn<CallRow>[] {
  return [
    {
      id: 'talk',
      header: 'Talk',
      main: true,
      cell: (row) => (
        <Link to="/p/$project/calls/$id" params={{ project, id: row.id }} data-row-link>
          <bdi>{oneLine(visible(row.first_user_text ?? row.row_id), 160)}</bdi>
          {row.repeat > 0 && <span className="dim"> repeat {row.repeat + 1}</span>}
        </Link>
      ),
    },
    {
      id: 'status',
      header: 'Status',
      width: 112,
      cell: ({ status, error }) => (
        <ToneBadge tone={statusTone(status)} {...(error === null ? {} : { title: oneLine(error) })}>
          {status}
        </ToneBadge>
      ),
    },
    {
      id: 'verdict',
      header: 'Verdict',
      width: 128,
      cell: ({ verdict, verdict_reason: why }) =>
        verdict ? <VerdictBadge verdict={verdict} title={oneLine(why ?? '', 300)} /> : UNKNOWN,
    },
    {
      id: 'worst',
      header: 'Difference',
      width: 140,
      cell: ({ worst }) =>
        worst ? <ToneBadge tone={WORST[worst].tone}>{WORST[worst].words}</ToneBadge> : UNKNOWN,
    },
    {
      id: 'first',
      header: 'Where it parted',
      width: 240,
      cell: ({ first_other_act: act, first_divergence: first }) => {
        const found = act ?? first;
        return found ? (
          <span title={oneLine(visible(found.sentence), 600)}>
            {oneLine(visible(found.sentence), 160)}
          </span>
        ) : (
          <span className="dim">{UNKNOWN}</span>
        );
      },
    },
    {
      id: 'turns',
      header: 'Turns',
      width: 78,
      align: 'right',
      cell: ({ turns, recorded_turns: recorded }) => `${count(turns)} of ${count(recorded)}`,
    },
    {
      id: 'latency',
      header: 'A turn took',
      width: 150,
      align: 'right',
      cell: ({ baseline_latency_ms: before, latency_ms: after }) =>
        `${duration(before)} → ${duration(after)}`,
    },
  ];
}

function statusTone(status: CallRow['status']): Tone {
  if (status === 'completed') return 'good';
  if (status === 'failed') return 'bad';
  return status === 'running' ? 'info' : 'muted';
}
