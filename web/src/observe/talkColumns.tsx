import { Link } from '@tanstack/react-router';
import type { SessionSummary } from '@/api/types';
import { oneLine } from '@/shared/safeText';
import type { RowColumn } from '@/shared/table/columns';
import { ToneBadge } from '@/shared/Tone';
import { between, count, counted, UNKNOWN, when, whenInFull } from '@/shared/words';
import type { TalkKind } from './queries';

/** What a talk is called: the first words, else its id. */
export function nameOfTalk({ first_user_text: words, id }: SessionSummary): string {
  return words ? oneLine(words, 160) : oneLine(id);
}

function Unknown() {
  return <span className="dim">{UNKNOWN}</span>;
}

const words = (text: string | null) =>
  text ? <bdi title={oneLine(text, 600)}>{oneLine(text)}</bdi> : <Unknown />;

const idOf = (kind: TalkKind, row: SessionSummary) =>
  kind === 'session' ? row.session_id : row.id.replace(/^trace:/, '');

/** The columns of sessions or traces of a project. */
export function talkColumns(kind: TalkKind, project: string): readonly RowColumn<SessionSummary>[] {
  return [
    {
      id: 'talk',
      header: 'Began with',
      main: true,
      cell: (row) => (
        <Link
          to="/p/$project/conversation"
          params={{ project }}
          search={{ id: row.id }}
          data-row-link
          title={nameOfTalk(row)}
        >
          <bdi>{nameOfTalk(row)}</bdi>
        </Link>
      ),
    },
    {
      id: 'id',
      header: kind === 'session' ? 'Session' : 'Trace',
      width: 124,
      usual: true,
      cell: (row) => <span className="mono dim">{words(idOf(kind, row))}</span>,
    },
    ...(kind === 'trace'
      ? [
          {
            id: 'session',
            header: 'Session',
            width: 130,
            usual: true,
            cell: (row: SessionSummary) => words(row.session_id),
          },
        ]
      : []),
    {
      id: 'user',
      header: 'User',
      width: 104,
      usual: true,
      cell: (row) => words(row.user_ids.join(', ') || null),
    },
    {
      id: 'agent',
      header: 'Agent',
      width: 104,
      usual: kind === 'session',
      cell: (row) =>
        words([row.agent_name, row.agent_version].filter((part) => part).join(' · ') || null),
    },
    {
      id: 'tools',
      header: 'Tools',
      width: 134,
      usual: true,
      cell: (row) => words(row.tools.join(', ') || null),
    },
    {
      id: 'errors',
      header: 'Errors',
      width: 98,
      usual: true,
      cell: (row) =>
        row.errors > 0 ? (
          <ToneBadge tone="bad">{counted(row.errors, 'error')}</ToneBadge>
        ) : (
          <span className="dim">none</span>
        ),
    },
    {
      id: 'took',
      header: 'Took',
      width: 78,
      align: 'right',
      usual: true,
      cell: (row) => between(row.started_at, row.ended_at),
    },
    {
      id: 'started',
      header: 'Started',
      width: 108,
      align: 'right',
      usual: true,
      cell: (row) => (
        <time dateTime={row.started_at} title={whenInFull(row.started_at)}>
          {when(row.started_at)}
        </time>
      ),
    },
    {
      id: 'last',
      header: 'Last answer',
      width: 260,
      cell: (row) => words(row.last_assistant_text),
    },
    {
      id: 'traces',
      header: 'Traces',
      width: 72,
      align: 'right',
      cell: (row) => count(row.trace_ids.length),
    },
    { id: 'spans', header: 'Spans', width: 72, align: 'right', cell: (row) => count(row.spans) },
  ];
}
