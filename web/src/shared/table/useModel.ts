import {
  columnVisibilityFeature,
  type ColumnDef,
  type Row as ModelRowOf,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useMemo } from 'react';
import type { RowColumn } from './columns';

const features = tableFeatures({ columnVisibilityFeature });

export type ModelRow<Row extends object> = ModelRowOf<typeof features, Row>;

/** The table as TanStack Table models it: rows by id, and which columns are shown. */
export function useModel<Row extends object>(
  rows: readonly Row[],
  columns: readonly RowColumn<Row>[],
  shown: ReadonlySet<string>,
  idOf: (row: Row) => string,
) {
  const data = useMemo(() => [...rows], [rows]);
  const definitions = useMemo(
    () => columns.map(({ id, header }): ColumnDef<typeof features, Row> => ({ id, header })),
    [columns],
  );
  const columnVisibility = useMemo(
    () => Object.fromEntries(columns.map(({ id }) => [id, shown.has(id)])),
    [columns, shown],
  );
  return useTable({
    features,
    data,
    columns: definitions,
    getRowId: idOf,
    state: { columnVisibility },
  });
}
