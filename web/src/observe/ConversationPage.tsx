import { Placeholder } from '@/shell/Placeholder';

export function ConversationPage() {
  return <Placeholder title="Conversation" />;
}
