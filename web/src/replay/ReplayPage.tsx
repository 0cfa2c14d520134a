import { Placeholder } from '@/shell/Placeholder';

export function ReplayPage() {
  return <Placeholder title="Replay" />;
}
