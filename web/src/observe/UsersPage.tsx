import { Placeholder } from '@/shell/Placeholder';

export function UsersPage() {
  return <Placeholder title="Users" />;
}
