import { IconMapQuestion } from '@tabler/icons-react';
import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { EmptyState } from '@/shared/EmptyState';
import { Page } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';

/** Shown where a page could not be fetched, or broke. */
export function Defect({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const again = () => {
    reset();
    void router.invalidate();
  };
  return (
    <Page title="This page cannot be shown">
      <ProblemNotice error={error} onRetry={again} />
    </Page>
  );
}

export function NoSuchPage() {
  return (
    <Page title="No such page">
      <EmptyState icon={IconMapQuestion} title="There is no page at this address">
        The link may be old or mistyped. <Link to="/">Go to the front page</Link>
      </EmptyState>
    </Page>
  );
}
