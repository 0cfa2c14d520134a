/**
 * Where tables are cards they are no longer laid out as tables, and some browsers forget then what
 * they are: so it is said.
 */
export const AS_TABLE = { role: 'table' } as const;
export const AS_GROUP = { role: 'rowgroup' } as const;
export const AS_ROW = { role: 'row' } as const;
export const AS_CELL = { role: 'cell' } as const;
export const AS_COLUMN = { role: 'columnheader' } as const;
