import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { type RawSearch, whole } from '@/shared/search';
import { projectRoute } from '@/shell/routes';

export const agentsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'agents',
  component: lazyRouteComponent(() => import('./AgentsPage'), 'AgentsPage'),
});

export interface AgentSearch {
  /** The two versions that are compared; undefined for the last two. */
  readonly before?: number | undefined;
  readonly after?: number | undefined;
}

export const agentRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'agents/$id',
  validateSearch: (raw: RawSearch): AgentSearch => ({
    before: whole(raw['before']),
    after: whole(raw['after']),
  }),
  component: lazyRouteComponent(() => import('./AgentPage'), 'AgentPage'),
});
