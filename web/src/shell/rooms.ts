/** The rooms of the navigation, in the order of the story. */
import {
  IconChartDots3,
  IconGitFork,
  IconListDetails,
  IconMessages,
  IconPlayerPlay,
  IconRobot,
  IconSettings,
  IconUsers,
} from '@tabler/icons-react';

export const ROOMS = [
  {
    group: 'Observe',
    label: 'Sessions',
    to: '/p/$project/sessions',
    keys: 'g s',
    icon: IconMessages,
  },
  {
    group: 'Observe',
    label: 'Traces',
    to: '/p/$project/traces',
    keys: 'g t',
    icon: IconListDetails,
  },
  { group: 'Observe', label: 'Users', to: '/p/$project/users', keys: 'g u', icon: IconUsers },
  { group: 'Replay', label: 'Runs', to: '/p/$project/runs', keys: 'g r', icon: IconPlayerPlay },
  { group: 'Replay', label: 'Forks', to: '/p/$project/forks', keys: 'g f', icon: IconGitFork },
  {
    group: 'Replay',
    label: 'Scenarios',
    to: '/p/$project/scenarios',
    keys: 'g c',
    icon: IconChartDots3,
  },
  { group: 'Replay', label: 'Agents', to: '/p/$project/agents', keys: 'g a', icon: IconRobot },
  {
    group: 'Project',
    label: 'Settings',
    to: '/p/$project/settings',
    keys: 'g ,',
    icon: IconSettings,
  },
] as const;

export const GROUPS = ['Observe', 'Replay', 'Project'] as const;
