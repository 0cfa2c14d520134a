import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { projectRoute } from '@/shell/routes';

export const agentsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'agents',
  component: lazyRouteComponent(() => import('./AgentsPage'), 'AgentsPage'),
});

export const agentRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'agents/$id',
  component: lazyRouteComponent(() => import('./AgentPage'), 'AgentPage'),
});
