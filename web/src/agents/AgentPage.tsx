import { Placeholder } from '@/shell/Placeholder';

export function AgentPage() {
  return <Placeholder title="Agent" />;
}
