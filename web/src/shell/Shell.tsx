import { ActionIcon, AppShell, Burger, Group, ScrollArea, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconKeyboard } from '@tabler/icons-react';
import { getRouteApi, Link, Outlet, useNavigate } from '@tanstack/react-router';
import { Navigation } from './Navigation';
import { ProjectSwitcher } from './ProjectSwitcher';
import { ROOMS } from './rooms';
import { SchemeSwitch } from './SchemeSwitch';
import classes from './Shell.module.css';
import { ShortcutHelp } from './ShortcutHelp';
import { type Shortcut, useKeyboard, useShortcuts } from '@/shared/shortcuts';

const route = getRouteApi('/p/$project');

/** What surrounds every page of a project: its name, the rooms, the keyboard. */
export function Shell() {
  const { project } = route.useParams();
  const [menu, { toggle, close }] = useDisclosure(false);
  const [help, helpShown] = useDisclosure(false);
  useKeyboard();
  useShortcuts(useShellShortcuts(project, helpShown.open));
  return (
    <AppShell
      header={{ height: 48, collapsed: false }}
      navbar={{ width: 208, breakpoint: 'sm', collapsed: { mobile: !menu } }}
      padding={0}
    >
      <a className={classes['skip']} href="#page">
        Skip to the page
      </a>
      <AppShell.Header className={classes['header']}>
        <Group h="100%" px="sm" gap="sm" wrap="nowrap">
          <Burger
            opened={menu}
            onClick={toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label={menu ? 'Close the menu' : 'Open the menu'}
          />
          <Link to="/" className={classes['brand']} aria-label="Reenact, front page">
            <img src="/favicon.svg" alt="" width={22} height={22} />
            <span className={classes['name']}>Reenact</span>
          </Link>
          <div className={classes['project']}>
            <ProjectSwitcher project={project} />
          </div>
          <Group gap={4} ml="auto" wrap="nowrap">
            <Tooltip label="Keyboard shortcuts (?)">
              <ActionIcon aria-label="Keyboard shortcuts" onClick={helpShown.open} visibleFrom="sm">
                <IconKeyboard size={18} stroke={1.7} />
              </ActionIcon>
            </Tooltip>
            <SchemeSwitch />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes['navbar']}>
        <ScrollArea p="sm">
          <Navigation project={project} onGo={close} />
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="page" tabIndex={-1} className={classes['main']}>
        <Outlet />
      </AppShell.Main>
      <ShortcutHelp opened={help} onClose={helpShown.close} />
    </AppShell>
  );
}

function useShellShortcuts(project: string, openHelp: () => void): readonly Shortcut[] {
  const navigate = useNavigate();
  const rooms = ROOMS.map(({ keys, label, to }) => ({
    keys,
    does: `Go to ${label}`,
    run: () => void navigate({ to, params: { project } }),
  }));
  return [
    { keys: '?', does: 'Show this list', run: openHelp },
    { keys: '/', does: 'Search', run: focusSearch },
    ...rooms,
  ];
}

function focusSearch(): void {
  document.querySelector<HTMLInputElement>('input[type="search"], [data-search]')?.focus();
}
