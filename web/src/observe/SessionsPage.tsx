import { Placeholder } from '@/shell/Placeholder';

export function SessionsPage() {
  return <Placeholder title="Sessions" />;
}
