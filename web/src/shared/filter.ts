/** The filters of sessions and traces, as they stand in the URL and as the API takes them. */
import type { Filter } from '@/api/types';
import { oneOf, type RawSearch, text, texts, time } from './search';

export const SPANS_OF_TIME = ['1h', '24h', '7d', '30d'] as const;
export type SpanOfTime = (typeof SPANS_OF_TIME)[number];

const HOURS: Readonly<Record<SpanOfTime, number>> = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 };

export interface FilterSearch {
  /** Words that were said. */
  readonly q?: string | undefined;
  /** The last hours or days; `since` and `until` do not stand beside it. */
  readonly last?: SpanOfTime | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly tool?: string | undefined;
  readonly user?: string | undefined;
  readonly error?: 'yes' | 'no' | undefined;
  readonly agent?: string | undefined;
  readonly version?: string | undefined;
  readonly model?: string | undefined;
  readonly tag?: string | undefined;
  /** Metadata, each as `key=value`. */
  readonly label?: readonly string[] | undefined;
}

export const NO_FILTER = {
  q: undefined,
  last: undefined,
  since: undefined,
  until: undefined,
  tool: undefined,
  user: undefined,
  error: undefined,
  agent: undefined,
  version: undefined,
  model: undefined,
  tag: undefined,
  label: undefined,
} as const satisfies FilterSearch;

export function filterSearch(raw: RawSearch): FilterSearch {
  const last = oneOf(raw['last'], SPANS_OF_TIME);
  return {
    q: text(raw['q']),
    last,
    since: last ? undefined : time(raw['since']),
    until: last ? undefined : time(raw['until']),
    tool: text(raw['tool']),
    user: text(raw['user']),
    error: oneOf(raw['error'], ['yes', 'no']),
    agent: text(raw['agent']),
    version: text(raw['version']),
    model: text(raw['model']),
    tag: text(raw['tag']),
    label: texts(raw['label']),
  };
}

/** Only the filters of a search: not its selection, columns or whatever else stands there. */
export function filterOf(search: FilterSearch): FilterSearch {
  return filterSearch({ ...search });
}

/** Whether anything is filtered at all, words included. */
export function isFiltered(search: FilterSearch): boolean {
  return Object.values(filterOf(search)).some((value) => value !== undefined);
}

/** How many filters are set, apart from the words searched for. */
export function filterCount(search: FilterSearch): number {
  const values: readonly unknown[] = Object.values({ ...filterOf(search), q: undefined });
  return values.filter((value) => value !== undefined).length;
}

/** The filter as the API takes it in a body. `now` turns "the last 24 hours" into a time. */
export function toFilter(search: FilterSearch, now: Date): Filter {
  const since = search.last
    ? new Date(now.getTime() - HOURS[search.last] * 3_600_000).toISOString()
    : search.since;
  return {
    since: since ? new Date(since).toISOString() : null,
    until: search.until ? new Date(search.until).toISOString() : null,
    text: search.q ?? null,
    tool: search.tool ?? null,
    user: search.user ?? null,
    error: search.error === undefined ? null : search.error === 'yes',
    agent: search.agent ?? null,
    agent_version: search.version ?? null,
    model: search.model ?? null,
    tag: search.tag ?? null,
    labels: search.label ?? [],
  };
}

/** The filter as the API takes it in a query. */
export function toFilterQuery(search: FilterSearch, now: Date) {
  const { labels, ...filter } = toFilter(search, now);
  return { ...filter, label: labels };
}
