import { IconUsers } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { UserSummary } from '@/api/types';
import { EmptyState } from '@/shared/EmptyState';
import { Page, Waiting } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { visible } from '@/shared/safeText';
import { SearchInput } from '@/shared/SearchInput';
import type { RowColumn } from '@/shared/table/columns';
import { RowTable } from '@/shared/table/RowTable';
import { ToneBadge } from '@/shared/Tone';
import { count, counted, when, whenInFull } from '@/shared/words';
import { usersQuery } from './queries';
import classes from './UsersPage.module.css';

const route = getRouteApi('/p/$project/users');

/** Who talked to the agent; a user leads to their sessions. */
export function UsersPage() {
  const { project } = route.useParams();
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(usersQuery(project, q));
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const columns = useMemo(() => columnsOf(project), [project]);
  return (
    <Page fill title="Users">
      <search className={classes['search']}>
        <SearchInput
          label="Search users"
          placeholder="Search users"
          value={q}
          onSearch={(words) => void navigate({ search: { q: words }, replace: true })}
        />
      </search>
      {list.isError && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Waiting />}
      {list.data && (
        <RowTable
          label="Users"
          rows={rows}
          idOf={idOf}
          nameOf={idOf}
          columns={columns}
          shown={ALL_SHOWN}
          total={list.hasNextPage ? null : rows.length}
          hasMore={list.hasNextPage}
          isLoadingMore={list.isFetchingNextPage}
          onMore={() => void list.fetchNextPage()}
          empty={<NoUsers isSearched={q !== undefined} />}
        />
      )}
    </Page>
  );
}

const idOf = ({ user_id: id }: UserSummary) => id;
const ALL_SHOWN = new Set(['user', 'sessions', 'traces', 'errors', 'first', 'last']);

function NoUsers({ isSearched }: { isSearched: boolean }) {
  return isSearched ? (
    <EmptyState icon={IconUsers} title="No user has a name like this">
      Try a part of the id.
    </EmptyState>
  ) : (
    <EmptyState icon={IconUsers} title="No span names a user">
      Set the attribute <code>user.id</code> where your agent starts its work, and users show here.
    </EmptyState>
  );
}

function columnsOf(project: string): readonly RowColumn<UserSummary>[] {
  return [
    {
      id: 'user',
      header: 'User',
      main: true,
      cell: ({ user_id: user }) => (
        <Link
          to="/p/$project/sessions"
          params={{ project }}
          search={{ user }}
          data-row-link
          title={`Sessions of ${visible(user)}`}
        >
          <bdi>{visible(user)}</bdi>
        </Link>
      ),
    },
    {
      id: 'sessions',
      header: 'Sessions',
      width: 100,
      align: 'right',
      cell: (row) => count(row.sessions),
    },
    {
      id: 'traces',
      header: 'Traces',
      width: 100,
      align: 'right',
      cell: (row) => count(row.traces),
    },
    {
      id: 'errors',
      header: 'Errors',
      width: 110,
      cell: ({ errors }) =>
        errors > 0 ? (
          <ToneBadge tone="bad">{counted(errors, 'error')}</ToneBadge>
        ) : (
          <span className="dim">none</span>
        ),
    },
    {
      id: 'first',
      header: 'First seen',
      width: 130,
      align: 'right',
      cell: (row) => <At time={row.first_at} />,
    },
    {
      id: 'last',
      header: 'Last seen',
      width: 130,
      align: 'right',
      cell: (row) => <At time={row.last_at} />,
    },
  ];
}

function At({ time }: { time: string }) {
  return (
    <time dateTime={time} title={whenInFull(time)}>
      {when(time)}
    </time>
  );
}
