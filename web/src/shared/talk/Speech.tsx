import { IconRobot, IconUser } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { SafeText } from '@/shared/SafeText';
import { visible } from '@/shared/safeText';
import classes from './talk.module.css';

interface SpeechProps {
  readonly by: 'user' | 'agent';
  /** Whose words these are, where it is known. */
  readonly name?: string | null;
  readonly text: string;
  /** Beside the name: a badge. */
  readonly beside?: ReactNode;
}

/** What the user or the agent said, as it was. */
export function Speech({ by, name, text, beside }: SpeechProps) {
  const Icon = by === 'user' ? IconUser : IconRobot;
  return (
    <div className={classes['speech']} data-by={by}>
      <div className={classes['by']}>
        <Icon size={15} stroke={1.7} aria-hidden />
        <span>{by === 'user' ? 'User' : 'Agent'}</span>
        {name && <bdi className="dim">{visible(name)}</bdi>}
        {beside}
      </div>
      <SafeText text={text} />
    </div>
  );
}
