import { Checkbox, Loader } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import { leastWidth, type RowColumn } from './columns';
import classes from './RowTable.module.css';
import { AS_COLUMN, AS_GROUP, AS_ROW, AS_TABLE } from './roles';
import { TableRow } from './TableRow';
import { useModel } from './useModel';
import { useRowKeys } from './useRowKeys';

const ROW_PX = 40;
const CARD_PX = 150;
const CHECK_PX = 40;
/** Rows below the last one seen at which the next page is asked for. */
const ASK_AHEAD = 15;

export interface RowSelection {
  readonly isSelected: (id: string) => boolean;
  readonly onToggle: (id: string) => void;
  /** Called with true to select all that are loaded, with false for none of them. */
  readonly onToggleLoaded: (selected: boolean) => void;
}

interface RowTableProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly idOf: (row: Row) => string;
  /** What a row is called where it is selected: `Session sess-1`. */
  readonly nameOf: (row: Row) => string;
  readonly columns: readonly RowColumn<Row>[];
  readonly shown: ReadonlySet<string>;
  /** How many rows there are in all, loaded or not; null where that is not known. */
  readonly total: number | null;
  readonly hasMore?: boolean;
  readonly isLoadingMore?: boolean;
  readonly onMore?: () => void;
  readonly selection?: RowSelection;
  /** Shown instead of rows where there are none. */
  readonly empty?: ReactNode;
}

/** A long table: only the rows in view are drawn; on a phone each row is a card. */
export function RowTable<Row extends object>(props: RowTableProps<Row>) {
  const { label, rows, idOf, columns, shown, total, selection, empty } = props;
  const box = useRef<HTMLDivElement>(null);
  const table = useModel(rows, columns, shown, idOf);
  const drawn = table.getRowModel().rows;
  const isPhone = window.matchMedia('(max-width: 48em)').matches;
  // The virtualizer is read while drawing, on purpose: its parent draws again with it.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: drawn.length,
    getScrollElement: () => box.current,
    estimateSize: () => (isPhone ? CARD_PX : ROW_PX),
    getItemKey: (index) => drawn[index]?.id ?? index,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  useMore(props, items.at(-1)?.index ?? 0);
  useRowKeys({
    count: drawn.length,
    scrollTo: (index) => virtual.scrollToIndex(index),
    box,
    onToggle: selection && ((index) => drawn[index] && selection.onToggle(drawn[index].id)),
  });
  const checkPx = selection ? CHECK_PX : 0;
  const visible = columns.filter(({ id }) => shown.has(id));
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    // A box that scrolls must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div ref={box} className={classes['box']} tabIndex={0} role="region" aria-label={label}>
      <table
        {...AS_TABLE}
        className={classes['table']}
        data-checks={selection !== undefined || undefined}
        style={{ minWidth: leastWidth(visible) + checkPx }}
        aria-label={label}
        aria-rowcount={total === null ? -1 : total + 1}
      >
        <colgroup>
          <CheckColumn px={checkPx} />
          {visible.map(({ id, width }) => (
            <col key={id} style={width === undefined ? undefined : { width }} />
          ))}
        </colgroup>
        <Head columns={visible} rows={rows} idOf={idOf} selection={selection} />
        <Spacer px={above} />
        <tbody {...AS_GROUP}>
          {items.map((item) => {
            const row = drawn[item.index];
            return (
              row && (
                <TableRow
                  key={row.id}
                  index={item.index}
                  name={props.nameOf(row.original)}
                  row={row}
                  columns={visible}
                  selection={selection}
                  measure={virtual.measureElement}
                />
              )
            );
          })}
        </tbody>
        <Spacer px={below} />
      </table>
      {drawn.length === 0 && empty}
      <LoadingMore isShown={props.isLoadingMore} />
    </div>
  );
}

/** Asks for the next page when the reader nears the end of what is loaded. */
function useMore<Row>({ rows, hasMore, isLoadingMore, onMore }: RowTableProps<Row>, last: number) {
  const isNear = last >= rows.length - ASK_AHEAD;
  useEffect(() => {
    if (isNear && hasMore && !isLoadingMore) onMore?.();
  }, [isNear, hasMore, isLoadingMore, onMore]);
}

interface HeadProps<Row> {
  readonly columns: readonly RowColumn<Row>[];
  readonly rows: readonly Row[];
  readonly idOf: (row: Row) => string;
  readonly selection: RowSelection | undefined;
}

function Head<Row>({ columns, rows, idOf, selection }: HeadProps<Row>) {
  const selected = selection ? rows.filter((row) => selection.isSelected(idOf(row))).length : 0;
  const isAll = rows.length > 0 && selected === rows.length;
  return (
    <thead {...AS_GROUP} className={classes['head']}>
      <tr {...AS_ROW} aria-rowindex={1}>
        {selection && (
          <th {...AS_COLUMN} scope="col" className={classes['check']}>
            <Checkbox
              aria-label="Select all rows that are loaded"
              checked={isAll}
              indeterminate={selected > 0 && !isAll}
              onChange={() => selection.onToggleLoaded(!isAll)}
            />
          </th>
        )}
        {columns.map(({ id, header, align }) => (
          <th key={id} {...AS_COLUMN} scope="col" data-align={align}>
            {header}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function CheckColumn({ px }: { px: number }) {
  return px > 0 && <col style={{ width: px }} />;
}

/** Stands for the rows that are not drawn. */
function Spacer({ px }: { px: number }) {
  if (px <= 0) return null;
  return (
    <tbody aria-hidden className={classes['spacer']}>
      <tr style={{ height: px }} />
    </tbody>
  );
}

function LoadingMore({ isShown = false }: { isShown?: boolean | undefined }) {
  if (!isShown) return null;
  return (
    <div className={classes['more']} role="status" aria-label="Loading more">
      <Loader size="xs" type="dots" />
    </div>
  );
}
