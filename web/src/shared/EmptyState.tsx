import type { ComponentType, ReactNode } from 'react';
import classes from './EmptyState.module.css';

interface EmptyStateProps {
  readonly icon: ComponentType<{ size?: number; stroke?: number; 'aria-hidden'?: boolean }>;
  readonly title: string;
  /** What to do next: never only that there is nothing. */
  readonly children: ReactNode;
}

export function EmptyState({ icon: Icon, title, children }: EmptyStateProps) {
  return (
    <section className={classes['empty']}>
      <Icon size={34} stroke={1.3} aria-hidden />
      <h2 className={classes['title']}>{title}</h2>
      <div className={classes['next']}>{children}</div>
    </section>
  );
}
