import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './shell/theme.css';

import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api/problem';
import { meQuery, queryClient } from './api/queries';
import { router } from './router';
import { theme } from './shell/theme';

// A login that ended leads to the login page, whatever was asked for.
queryClient.getQueryCache().subscribe(({ type, query }) => {
  const error: unknown = query.state.error;
  if (type !== 'updated' || !(error instanceof ApiError) || error.status !== 401) return;
  queryClient.removeQueries({ queryKey: meQuery.queryKey });
  void router.invalidate();
});

const root = document.getElementById('root');
if (!root) throw new Error('index.html lacks #root');

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
