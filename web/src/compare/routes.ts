import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { type RawSearch, text, whole } from '@/shared/search';
import { projectRoute } from '@/shell/routes';

export interface CallSearch {
  /** Another call execution of the same recording, to compare with. */
  readonly against?: string | undefined;
  readonly turn?: number | undefined;
}

/** Ids of call executions hold slashes; in the address they are written as %2F. */
export const callRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'calls/$id',
  validateSearch: (raw: RawSearch): CallSearch => ({
    against: text(raw['against']),
    turn: whole(raw['turn']),
  }),
  component: lazyRouteComponent(() => import('./ComparePage'), 'ComparePage'),
});

export interface ForksSearch {
  readonly conversation?: string | undefined;
  /** With `conversation`: the turn from which on to fork. */
  readonly at?: number | undefined;
}

export const forksRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'forks',
  validateSearch: (raw: RawSearch): ForksSearch => ({
    conversation: text(raw['conversation']),
    at: whole(raw['at']),
  }),
  component: lazyRouteComponent(() => import('./ForksPage'), 'ForksPage'),
});
