import { Placeholder } from '@/shell/Placeholder';

export function TracesPage() {
  return <Placeholder title="Traces" />;
}
