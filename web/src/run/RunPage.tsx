import { Placeholder } from '@/shell/Placeholder';

export function RunPage() {
  return <Placeholder title="Run" />;
}
