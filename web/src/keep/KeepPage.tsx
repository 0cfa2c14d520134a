import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { LinkButton } from '@/shared/LinkButton';
import { Page, Waiting } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { KeepForm } from './KeepForm';
import { proposalQuery } from './queries';

const route = getRouteApi('/p/$project/calls/$id/keep');

/** Keeps a replayed talk as a regression test: what must hold, the proof of it, the file. */
export function KeepPage() {
  const { project, id } = route.useParams();
  // The id of a call execution is run/row/..., and a row's id holds no slash.
  const [run = '', row = ''] = id.split('/');
  const found = useQuery(proposalQuery(run, row));
  return (
    <Page
      title="Keep as a test"
      actions={
        <LinkButton variant="default" to="/p/$project/calls/$id" params={{ project, id }}>
          Back to the comparison
        </LinkButton>
      }
    >
      {found.isPending && <Waiting />}
      {found.isError && <ProblemNotice error={found.error} onRetry={() => void found.refetch()} />}
      {found.data && <KeepForm run={run} row={row} proposal={found.data} />}
    </Page>
  );
}
