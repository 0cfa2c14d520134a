import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { projectRoute } from '@/shell/routes';

export const keepRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'calls/$id/keep',
  component: lazyRouteComponent(() => import('./KeepPage'), 'KeepPage'),
});
