import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { projectRoute } from '@/shell/routes';

export const scenariosRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'scenarios',
  component: lazyRouteComponent(() => import('./ScenariosPage'), 'ScenariosPage'),
});

export const scenarioRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'scenarios/$id',
  component: lazyRouteComponent(() => import('./ScenarioPage'), 'ScenarioPage'),
});
