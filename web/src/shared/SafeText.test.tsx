import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { SafeText } from './SafeText';

const shown = (text: string) =>
  render(
    <MantineProvider>
      <SafeText text={text} />
    </MantineProvider>,
  );

test('markup of telemetry becomes no element, no link and no image', () => {
  const { container } = shown('<img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a>');
  expect(container.querySelector('img, a, script')).toBeNull();
  expect(container.textContent).toContain('<img src=x onerror=alert(1)>');
});

test('a hidden character is a badge with its name', () => {
  shown('a\u202eb');
  expect(screen.getByText('RLO').title).toBe('A character that is not seen: RLO');
});

test('a megabyte is cut, and shown whole when asked for', async () => {
  const text = 'x'.repeat(1_000_000);
  const { container } = shown(text);
  expect(container.textContent.replace(/\.mantine.*/s, '').length).toBeLessThan(5_000);
  await userEvent.click(screen.getByRole('button', { name: 'Show all (1.0 MB)' }));
  expect(screen.getByLabelText('Whole text').textContent).toBe(text);
  await userEvent.click(screen.getByRole('button', { name: 'Show less' }));
  expect(screen.queryByLabelText('Whole text')).toBeNull();
});
