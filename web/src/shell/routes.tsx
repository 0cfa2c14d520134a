/** The routes that all others hang below. */
import { createRootRoute, createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { meQuery, projectsQuery, queryClient } from '@/api/queries';
import { type RawSearch, text } from '@/shared/search';
import { Defect, NoSuchPage } from './Defect';
import { rememberedProject, rememberProject } from './lastProject';
import { Root } from './Root';
import { Shell } from './Shell';

export const rootRoute = createRootRoute({
  beforeLoad: async ({ location }) => {
    const me = await queryClient.query({ ...meQuery, staleTime: 'static' });
    if (me.login_required && !me.signed_in && location.pathname !== '/login') {
      throw redirect({ to: '/login', search: { to: location.href } });
    }
  },
  component: Root,
  errorComponent: Defect,
  notFoundComponent: NoSuchPage,
});

/** The front page: the project that was looked at last, else the first, else how to get one. */
export const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  loader: async () => {
    const { items } = await queryClient.query(projectsQuery);
    const last = rememberedProject();
    const found = items.find(({ id }) => id === last) ?? items[0];
    if (found) {
      throw redirect({ to: '/p/$project/sessions', params: { project: found.id } });
    }
  },
  component: lazyRouteComponent(() => import('./Welcome'), 'Welcome'),
});

export const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: (raw: RawSearch): { to?: string | undefined } => ({ to: text(raw['to']) }),
  component: lazyRouteComponent(() => import('@/settings/LoginPage'), 'LoginPage'),
});

export const projectRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/p/$project',
  beforeLoad: ({ params }) => rememberProject(params.project),
  component: Shell,
  errorComponent: Defect,
  notFoundComponent: NoSuchPage,
});

export const projectIndexRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/p/$project/sessions', params });
  },
});
