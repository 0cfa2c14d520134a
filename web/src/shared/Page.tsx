import { Loader } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import classes from './Page.module.css';

interface PageProps {
  readonly title: string;
  /** Beside the title: a count, a status. */
  readonly beside?: ReactNode;
  /** On the right of the title: what can be done. */
  readonly actions?: ReactNode;
  /** True where the page fills the window and its parts scroll by themselves. */
  readonly fill?: boolean;
  readonly children: ReactNode;
}

/** A page: its title (also the window's), what can be done, and the rest. */
export function Page({ title, beside, actions, fill = false, children }: PageProps) {
  useDocumentTitle(`${title} · Reenact`);
  return (
    <div className={classes['page']} data-fill={fill || undefined}>
      <header className={classes['head']}>
        <h1 className={classes['title']}>{title}</h1>
        {beside && <div className={classes['beside']}>{beside}</div>}
        {actions && <div className={classes['actions']}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** Shown while a page, or a part of it, is fetched. */
export function Waiting({ what = 'Loading' }: { what?: string }) {
  return (
    <div className={classes['waiting']} role="status">
      <Loader size="sm" type="dots" aria-hidden />
      <span className="unseen">{what}</span>
    </div>
  );
}
