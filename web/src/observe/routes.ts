import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { filterSearch, type FilterSearch } from '@/shared/filter';
import { oneOf, type RawSearch, text, whole } from '@/shared/search';
import { selectionSearch, type SelectionSearch } from '@/shared/selection';
import { projectRoute } from '@/shell/routes';

/** A list of talks: what is shown, in which columns, and what of it is selected. */
export interface TalksSearch extends FilterSearch, SelectionSearch {
  /** The columns, separated by commas; undefined for the usual ones. */
  readonly cols?: string | undefined;
}

const talksSearch = (raw: RawSearch): TalksSearch => ({
  ...filterSearch(raw),
  ...selectionSearch(raw),
  cols: text(raw['cols']),
});

export const sessionsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'sessions',
  validateSearch: talksSearch,
  component: lazyRouteComponent(() => import('./SessionsPage'), 'SessionsPage'),
});

export const tracesRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'traces',
  validateSearch: talksSearch,
  component: lazyRouteComponent(() => import('./TracesPage'), 'TracesPage'),
});

export const usersRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'users',
  validateSearch: (raw: RawSearch): { readonly q?: string | undefined } => ({ q: text(raw['q']) }),
  component: lazyRouteComponent(() => import('./UsersPage'), 'UsersPage'),
});

export const VIEWS = ['talk', 'spans', 'fidelity', 'details'] as const;
export type View = (typeof VIEWS)[number];

export interface ConversationSearch {
  /** `sess:<session id>` or `trace:<trace id>`. */
  readonly id: string;
  /** The part that is shown; undefined for the talk. */
  readonly view?: View | undefined;
  /** The turn that is pointed at. */
  readonly turn?: number | undefined;
  /** The span that is looked at. */
  readonly span?: string | undefined;
}

export const conversationRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'conversation',
  validateSearch: (raw: RawSearch): ConversationSearch => ({
    id: text(raw['id']) ?? '',
    view: oneOf(raw['view'], VIEWS),
    turn: whole(raw['turn']),
    span: text(raw['span']),
  }),
  component: lazyRouteComponent(() => import('./ConversationPage'), 'ConversationPage'),
});
