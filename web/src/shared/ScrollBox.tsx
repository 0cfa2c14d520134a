import type { ReactNode } from 'react';
import classes from './ScrollBox.module.css';

interface ScrollBoxProps {
  /** What is in it: the box can be reached by keyboard, and says so. */
  readonly label: string;
  /** How wide its content is at least, in pixels. */
  readonly minWidth?: number;
  readonly children: ReactNode;
}

/** A box that scrolls sideways by itself, so that the page need not. For short tables. */
export function ScrollBox({ label, minWidth = 0, children }: ScrollBoxProps) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={classes['box']} role="region" aria-label={label} tabIndex={0}>
      <div style={{ minWidth }}>{children}</div>
    </div>
  );
}
