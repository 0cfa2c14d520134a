import { Placeholder } from '@/shell/Placeholder';

export function SettingsPage() {
  return <Placeholder title="Settings" />;
}
