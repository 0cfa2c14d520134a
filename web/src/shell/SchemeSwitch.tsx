import { ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconMoon, IconSun } from '@tabler/icons-react';

export function SchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const other = useComputedColorScheme('light') === 'dark' ? 'light' : 'dark';
  return (
    <Tooltip label={`Use ${other} colours`}>
      <ActionIcon aria-label={`Use ${other} colours`} onClick={() => setColorScheme(other)}>
        {other === 'light' ? (
          <IconSun size={17} stroke={1.7} />
        ) : (
          <IconMoon size={17} stroke={1.7} />
        )}
      </ActionIcon>
    </Tooltip>
  );
}
