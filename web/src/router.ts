import { createRouter } from '@tanstack/react-router';
import { agentRoute, agentsRoute } from './agents/routes';
import { callRoute, forksRoute } from './compare/routes';
import { keepRoute } from './keep/routes';
import { conversationRoute, sessionsRoute, tracesRoute, usersRoute } from './observe/routes';
import { replayRoute } from './replay/routes';
import { runRoute, runsRoute } from './run/routes';
import { scenarioRoute, scenariosRoute } from './scenarios/routes';
import { settingsRoute } from './settings/routes';
import { parseSearch, stringifySearch } from './shared/search';
import { indexRoute, loginRoute, projectIndexRoute, projectRoute, rootRoute } from './shell/routes';

const routeTree = rootRoute.addChildren([
  indexRoute,
  loginRoute,
  projectRoute.addChildren([
    projectIndexRoute,
    sessionsRoute,
    tracesRoute,
    usersRoute,
    conversationRoute,
    replayRoute,
    runsRoute,
    runRoute,
    callRoute,
    keepRoute,
    forksRoute,
    scenariosRoute,
    scenarioRoute,
    agentsRoute,
    agentRoute,
    settingsRoute,
  ]),
]);

export const router = createRouter({
  routeTree,
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
