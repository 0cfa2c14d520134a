import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  IconInfoCircle,
  IconMinus,
  IconSparkles,
} from '@tabler/icons-react';
import type { ComponentType, ReactNode } from 'react';
import classes from './Tone.module.css';

/** What a status means: the six tones of `theme.css`. */
export type Tone = 'good' | 'bad' | 'warn' | 'info' | 'special' | 'muted';

type Icon = ComponentType<{ size?: number; stroke?: number; 'aria-hidden'?: boolean }>;

const ICONS: Readonly<Record<Tone, Icon>> = {
  good: IconCircleCheck,
  bad: IconCircleX,
  warn: IconAlertTriangle,
  info: IconInfoCircle,
  special: IconSparkles,
  muted: IconMinus,
};

interface ToneBadgeProps {
  readonly tone: Tone;
  /** Words that say the status: colour never stands alone. */
  readonly children: ReactNode;
  readonly icon?: Icon | null;
  readonly title?: string;
}

/** A status in a word, with its icon and colour. */
export function ToneBadge({ tone, children, icon, title }: ToneBadgeProps) {
  const Shown = icon === undefined ? ICONS[tone] : icon;
  return (
    <span className={classes['badge']} data-tone={tone} title={title}>
      {Shown && <Shown size={13} stroke={2} aria-hidden />}
      <span>{children}</span>
    </span>
  );
}

interface ToneNoteProps {
  readonly tone: Tone;
  readonly title?: ReactNode;
  readonly children?: ReactNode;
  readonly role?: 'alert' | 'status';
}

/** A paragraph that a reader should not miss. */
export function ToneNote({ tone, title, children, role }: ToneNoteProps) {
  const Shown = ICONS[tone];
  return (
    <div className={classes['note']} data-tone={tone} role={role}>
      <Shown size={18} stroke={1.8} aria-hidden />
      <div className={classes['words']}>
        {title && <strong>{title}</strong>}
        {children && <div>{children}</div>}
      </div>
    </div>
  );
}
