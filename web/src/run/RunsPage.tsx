import { Placeholder } from '@/shell/Placeholder';

export function RunsPage() {
  return <Placeholder title="Runs" />;
}
