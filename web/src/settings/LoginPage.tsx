import { Button, PasswordInput } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { post, setCsrf } from '@/api/client';
import { meQuery, queryClient } from '@/api/queries';
import { ProblemNotice } from '@/shared/ProblemNotice';
import classes from './settings.module.css';

const route = getRouteApi('/login');

/** Asks for the password, and goes on to where one wanted to be. */
export function LoginPage() {
  useDocumentTitle('Sign in · Reenact');
  const { to } = route.useSearch();
  const router = useRouter();
  const [password, setPassword] = useState('');
  const login = useMutation({
    mutationFn: () => post('/login', { body: { password } }),
    onSuccess: async (me) => {
      setCsrf(me.csrf);
      queryClient.clear();
      queryClient.setQueryData(meQuery.queryKey, me);
      await router.navigate({ href: isOurs(to) ? to : '/' });
    },
  });
  return (
    <main className={classes['login']}>
      <form
        className={classes['box']}
        onSubmit={(event) => {
          event.preventDefault();
          login.mutate();
        }}
      >
        <h1 className={classes['title']}>Sign in to Reenact</h1>
        <PasswordInput
          label="Password"
          description="The one that this server was started with"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          data-autofocus
        />
        {login.isError && <ProblemNotice error={login.error} />}
        <Button type="submit" disabled={password === ''} loading={login.isPending}>
          Sign in
        </Button>
      </form>
    </main>
  );
}

/** Only a path of these pages is gone to: `//elsewhere` is another site's. */
function isOurs(to: string | undefined): to is string {
  return to?.startsWith('/') === true && !/^\/[/\\]/.test(to);
}
