/** The columns of a table, and the choice of them that stands in the URL. */
import type { ReactNode } from 'react';

export interface RowColumn<Row> {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /** In pixels; a column without takes what is left. One column should. */
  readonly width?: number;
  readonly align?: 'right';
  /** The column that names the row: it holds the link that opens it, and is always shown. */
  readonly main?: boolean;
  /** On a phone, in a line of its own. */
  readonly wide?: boolean;
  /** Shown where nothing was chosen. */
  readonly usual?: boolean;
}

const LEFT_OVER_PX = 200;

/** The ids that `chosen` names (`user,tools`), or the usual ones; the main column always. */
export function shownIds<Row>(
  columns: readonly RowColumn<Row>[],
  chosen: string | undefined,
): ReadonlySet<string> {
  const named = new Set(chosen?.split(','));
  const isShown = (column: RowColumn<Row>) =>
    column.main === true || (chosen === undefined ? column.usual === true : named.has(column.id));
  return new Set(columns.filter(isShown).map(({ id }) => id));
}

/** The choice with `id` turned over; undefined where it is the usual one again. */
export function toggledColumn<Row>(
  columns: readonly RowColumn<Row>[],
  chosen: string | undefined,
  id: string,
): string | undefined {
  const shown = shownIds(columns, chosen);
  const isIn = (column: RowColumn<Row>) => (column.id === id) !== shown.has(column.id);
  const wanted = columns.filter((column) => column.main !== true && isIn(column));
  const isUsual = columns.every(
    (column) => column.main === true || (column.usual === true) === wanted.includes(column),
  );
  // A choice of no column at all is a choice too.
  return isUsual ? undefined : wanted.map((column) => column.id).join(',') || '-';
}

/** How wide a table of these columns is at least. */
export function leastWidth<Row>(columns: readonly RowColumn<Row>[]): number {
  return columns.reduce((sum, { width }) => sum + (width ?? LEFT_OVER_PX), 0);
}
