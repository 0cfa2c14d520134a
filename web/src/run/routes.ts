import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { oneOf, type RawSearch, text } from '@/shared/search';
import { type SelectionSearch, selectionSearch } from '@/shared/selection';
import { projectRoute } from '@/shell/routes';

export { runQuery } from './queries';

export const runsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'runs',
  component: lazyRouteComponent(() => import('./RunsPage'), 'RunsPage'),
});

export const RUN_VIEWS = ['talks', 'numbers', 'about'] as const;
export type RunViewName = (typeof RUN_VIEWS)[number];

export interface RunSearch extends SelectionSearch {
  /** The part that is shown; undefined for the talks. */
  readonly view?: RunViewName | undefined;
  /** Only talks of this verdict. */
  readonly verdict?: string | undefined;
  /** Only talks whose worst turn is so. */
  readonly worst?: string | undefined;
}

export const runRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'runs/$id',
  validateSearch: (raw: RawSearch): RunSearch => ({
    ...selectionSearch(raw),
    view: oneOf(raw['view'], RUN_VIEWS),
    verdict: text(raw['verdict']),
    worst: text(raw['worst']),
  }),
  component: lazyRouteComponent(() => import('./RunPage'), 'RunPage'),
});
