import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { SafeText } from './SafeText';

const show = (text: string) =>
  render(
    <MantineProvider>
      <SafeText text={text} />
    </MantineProvider>,
  );

test('markup, scripts and links of a text do not become elements', () => {
  const hostile =
    '<script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a> [x](javascript:alert(1))';
  const { container } = show(hostile);
  expect(container.querySelector('script, img, a, iframe, svg')).toBeNull();
  expect(container.textContent).toContain(hostile);
});

test('a character that is not seen is shown by its name', () => {
  show('invoice\u202egpj.exe');
  expect(screen.getByText('RLO').title).toContain('not seen');
});

test('a megabyte is cut, says its size, and is shown whole in a box that scrolls', async () => {
  const user = userEvent.setup();
  const { container } = show('x'.repeat(1_000_000));
  expect(container.textContent.length).toBeLessThan(5_000);
  await user.click(screen.getByRole('button', { name: 'Show all (1.0 MB)' }));
  const whole = screen.getByRole('region', { name: 'Whole text' });
  expect(whole.textContent).toHaveLength(1_000_000);
  await user.click(screen.getByRole('button', { name: 'Show less' }));
  expect(screen.queryByRole('region')).toBeNull();
});
