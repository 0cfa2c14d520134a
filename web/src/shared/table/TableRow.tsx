import { Checkbox } from '@mantine/core';
import type { RowColumn } from './columns';
import { AS_CELL, AS_ROW } from './roles';
import type { RowSelection } from './RowTable';
import classes from './RowTable.module.css';
import type { ModelRow } from './useModel';

interface TableRowProps<Row extends object> {
  readonly index: number;
  readonly name: string;
  readonly row: ModelRow<Row>;
  readonly columns: readonly RowColumn<Row>[];
  readonly selection: RowSelection | undefined;
  readonly measure: (element: HTMLElement | null) => void;
}

/** One row; where tables are cards, each cell carries its column's name. */
export function TableRow<Row extends object>(props: TableRowProps<Row>) {
  const { index, name, row, columns, selection, measure } = props;
  const isSelected = selection?.isSelected(row.id) ?? false;
  return (
    <tr
      ref={measure}
      {...AS_ROW}
      data-index={index}
      data-id={row.id}
      data-selected={isSelected || undefined}
      aria-rowindex={index + 2}
      className={classes['row']}
    >
      {selection && (
        <td {...AS_CELL} className={classes['check']}>
          <Checkbox
            aria-label={`Select ${name}`}
            checked={isSelected}
            onChange={() => selection.onToggle(row.id)}
          />
        </td>
      )}
      {row.getVisibleCells().map((cell) => {
        const column = columns.find(({ id }) => id === cell.column.id);
        return (
          <td
            key={cell.id}
            {...AS_CELL}
            data-main={column?.main}
            data-align={column?.align}
            data-wide={column?.wide}
            data-label={column?.header}
          >
            <div className={classes['cell']}>
              {/* Called, not drawn as a component: that would draw it anew, and lose the focus. */}
              {column?.cell(row.original)}
            </div>
          </td>
        );
      })}
    </tr>
  );
}
