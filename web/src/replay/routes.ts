import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { filterSearch, type FilterSearch } from '@/shared/filter';
import { oneOf, type RawSearch, text } from '@/shared/search';
import { selectionSearch, type SelectionSearch } from '@/shared/selection';
import { projectRoute } from '@/shell/routes';

/** What is to be replayed: a selection out of a filtered list, or a replay session made before. */
export interface ReplaySearch extends FilterSearch, SelectionSearch {
  readonly type: 'session' | 'trace';
  /** The replay session, once it is made. */
  readonly replay?: string | undefined;
}

export const replayRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'replay',
  validateSearch: (raw: RawSearch): ReplaySearch => ({
    type: oneOf(raw['type'], ['session', 'trace']) ?? 'session',
    ...filterSearch(raw),
    ...selectionSearch(raw),
    replay: text(raw['replay']),
  }),
  component: lazyRouteComponent(() => import('./ReplayPage'), 'ReplayPage'),
});
