/**
 * What is selected in a list: some by id, or all that match but some. It lives in the URL:
 * `?pick=a&pick=b`, or `?all=true&not=c`.
 */
import { flag, type RawSearch, texts } from './search';

export interface SelectionSearch {
  readonly pick?: readonly string[] | undefined;
  readonly all?: true | undefined;
  readonly not?: readonly string[] | undefined;
}

export const NOTHING: SelectionSearch = { pick: undefined, all: undefined, not: undefined };
export const ALL: SelectionSearch = { pick: undefined, all: true, not: undefined };

export function selectionSearch(raw: RawSearch): SelectionSearch {
  if (flag(raw['all'])) return { ...ALL, not: texts(raw['not']) };
  return { ...NOTHING, pick: texts(raw['pick']) };
}

export function isSelected(selection: SelectionSearch, id: string): boolean {
  if (selection.all) return !(selection.not ?? []).includes(id);
  return (selection.pick ?? []).includes(id);
}

/** The selection with `id` turned over. */
export function toggled(selection: SelectionSearch, id: string): SelectionSearch {
  if (selection.all) return { ...ALL, not: without(selection.not, id) };
  return { ...NOTHING, pick: without(selection.pick, id) };
}

/** The selection with all of `ids` in it, or none of them. */
export function withAll(
  selection: SelectionSearch,
  ids: readonly string[],
  selected: boolean,
): SelectionSearch {
  const changed = ids.filter((id) => isSelected(selection, id) !== selected);
  return changed.reduce(toggled, selection);
}

/** How many are selected; null where all are and nobody has counted them yet. */
export function selectedCount(selection: SelectionSearch, total: number | null): number | null {
  if (!selection.all) return (selection.pick ?? []).length;
  return total === null ? null : Math.max(0, total - (selection.not ?? []).length);
}

function without(ids: readonly string[] | undefined, id: string): readonly string[] | undefined {
  const known = ids ?? [];
  const changed = known.includes(id) ? known.filter((other) => other !== id) : [...known, id];
  return changed.length > 0 ? changed : undefined;
}
