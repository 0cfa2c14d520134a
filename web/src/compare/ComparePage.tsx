import { Placeholder } from '@/shell/Placeholder';

export function ComparePage() {
  return <Placeholder title="Compare" />;
}
