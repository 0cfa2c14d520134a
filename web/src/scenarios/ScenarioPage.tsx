import { Placeholder } from '@/shell/Placeholder';

export function ScenarioPage() {
  return <Placeholder title="Scenario" />;
}
