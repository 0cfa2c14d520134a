import { Placeholder } from '@/shell/Placeholder';

export function ScenariosPage() {
  return <Placeholder title="Scenarios" />;
}
