import { IconBarrierBlock } from '@tabler/icons-react';
import { EmptyState } from '@/shared/EmptyState';
import { Page } from '@/shared/Page';

/** Stands where a page is still to come. */
export function Placeholder({ title }: { title: string }) {
  return (
    <Page title={title}>
      <EmptyState icon={IconBarrierBlock} title="This page is not built yet">
        The API and the command line have it already.
      </EmptyState>
    </Page>
  );
}
