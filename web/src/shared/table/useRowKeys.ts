import { useRef } from 'react';
import { useShortcuts } from '@/shared/shortcuts';

interface RowKeys {
  readonly count: number;
  /** Brings a row into view; it is drawn soon after. */
  readonly scrollTo: (index: number) => void;
  /** The box that the rows are in; each row has `data-index`, its link `data-row-link`. */
  readonly box: React.RefObject<HTMLElement | null>;
  /** Selects a row, or lets go of it; undefined where rows are not selected. */
  readonly onToggle?: ((index: number) => void) | undefined;
}

/** The keys of lists: j and k move, x selects, Enter opens. The focus is where they are. */
export function useRowKeys({ count, scrollTo, box, onToggle }: RowKeys): void {
  const last = useRef(-1);
  const here = () => {
    const row = document.activeElement?.closest<HTMLElement>('[data-index]');
    const inside = row && box.current?.contains(row);
    return inside ? Number(row.dataset['index']) : last.current;
  };
  const go = (index: number) => {
    if (count === 0) return;
    const wanted = Math.min(Math.max(index, 0), count - 1);
    last.current = wanted;
    scrollTo(wanted);
    focusSoon(() => linkOf(box.current, wanted));
  };
  useShortcuts([
    { keys: 'j', does: 'Next row', run: () => go(here() + 1) },
    { keys: 'k', does: 'Row before', run: () => go(here() - 1) },
    { keys: 'Enter', does: 'Open the row', run: () => linkOf(box.current, here())?.click() },
    ...(onToggle
      ? [{ keys: 'x', does: 'Select the row', run: () => toggle(here(), onToggle) }]
      : []),
  ]);
}

function toggle(index: number, onToggle: (index: number) => void): void {
  if (index >= 0) onToggle(index);
}

function linkOf(box: HTMLElement | null, index: number): HTMLElement | null {
  return box?.querySelector<HTMLElement>(`[data-index="${index}"] [data-row-link]`) ?? null;
}

/** Focuses what is drawn within the next frames. */
function focusSoon(find: () => HTMLElement | null, frames = 10): void {
  const found = find();
  if (found) found.focus({ preventScroll: true });
  else if (frames > 0) requestAnimationFrame(() => focusSoon(find, frames - 1));
}
