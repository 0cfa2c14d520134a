import { Placeholder } from '@/shell/Placeholder';

export function AgentsPage() {
  return <Placeholder title="Agents" />;
}
