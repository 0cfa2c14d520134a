import { Placeholder } from '@/shell/Placeholder';

export function LoginPage() {
  return <Placeholder title="Sign in" />;
}
