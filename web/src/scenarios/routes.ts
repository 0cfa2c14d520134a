import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { oneOf, type RawSearch, text } from '@/shared/search';
import { projectRoute } from '@/shell/routes';

export const scenariosRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'scenarios',
  component: lazyRouteComponent(() => import('./ScenariosPage'), 'ScenariosPage'),
});

export const SCENARIO_VIEWS = ['rows', 'graph', 'edges'] as const;
export type ScenarioView = (typeof SCENARIO_VIEWS)[number];

export interface ScenarioSearch {
  readonly view?: ScenarioView | undefined;
  /** The conversation whose path is marked. */
  readonly path?: string | undefined;
  /** A call execution: its conversation's path is marked up to where it parted. */
  readonly call?: string | undefined;
}

export const scenarioRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'scenarios/$id',
  validateSearch: (raw: RawSearch): ScenarioSearch => ({
    view: oneOf(raw['view'], SCENARIO_VIEWS),
    path: text(raw['path']),
    call: text(raw['call']),
  }),
  component: lazyRouteComponent(() => import('./ScenarioPage'), 'ScenarioPage'),
});
