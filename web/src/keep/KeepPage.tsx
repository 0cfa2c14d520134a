import { Placeholder } from '@/shell/Placeholder';

export function KeepPage() {
  return <Placeholder title="Keep" />;
}
