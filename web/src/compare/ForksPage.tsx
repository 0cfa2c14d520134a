import { Placeholder } from '@/shell/Placeholder';

export function ForksPage() {
  return <Placeholder title="Forks" />;
}
