import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { oneOf, type RawSearch, text, whole } from '@/shared/search';
import { projectRoute } from '@/shell/routes';

export const CALL_VIEWS = ['talk', 'numbers', 'spans', 'checks'] as const;
export type CallView = (typeof CALL_VIEWS)[number];

export interface CallSearch {
  /** Another call execution of the same recording, to compare with. */
  readonly against?: string | undefined;
  /** The turn that is pointed at; undefined for the first that differs. */
  readonly turn?: number | undefined;
  /** The part that is shown; undefined for the talk. */
  readonly view?: CallView | undefined;
}

/** Ids of call executions hold slashes; in the address they are written as %2F. */
export const callRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'calls/$id',
  validateSearch: (raw: RawSearch): CallSearch => ({
    against: text(raw['against']),
    turn: whole(raw['turn']),
    view: oneOf(raw['view'], CALL_VIEWS),
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
