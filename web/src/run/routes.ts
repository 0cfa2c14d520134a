import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { projectRoute } from '@/shell/routes';

export const runsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'runs',
  component: lazyRouteComponent(() => import('./RunsPage'), 'RunsPage'),
});

export const runRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'runs/$id',
  component: lazyRouteComponent(() => import('./RunPage'), 'RunPage'),
});
