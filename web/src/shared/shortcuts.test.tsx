import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { type Shortcut, useKeyboard, useShortcutList, useShortcuts } from './shortcuts';

function Page({ shortcuts }: { shortcuts: readonly Shortcut[] }) {
  useKeyboard();
  useShortcuts(shortcuts);
  return (
    <>
      <input aria-label="words" />
      <ul>
        {useShortcutList().map(({ does }) => (
          <li key={does}>{does}</li>
        ))}
      </ul>
    </>
  );
}

test('a key does what the page says, and the list tells it', async () => {
  const run = vi.fn();
  render(<Page shortcuts={[{ keys: 'j', does: 'Next row', run }]} />);
  await userEvent.keyboard('j');
  expect(run).toHaveBeenCalledOnce();
  expect(screen.getByText('Next row')).toBeTruthy();
});

test('two keys after each other do something else than the second alone', async () => {
  const alone = vi.fn();
  const both = vi.fn();
  render(
    <Page
      shortcuts={[
        { keys: 's', does: 'Alone', run: alone },
        { keys: 'g s', does: 'Both', run: both },
      ]}
    />,
  );
  await userEvent.keyboard('gs');
  expect([alone.mock.calls.length, both.mock.calls.length]).toEqual([0, 1]);
  await userEvent.keyboard('s');
  expect(alone).toHaveBeenCalledOnce();
});

test('keys that are typed into a field are typed', async () => {
  const run = vi.fn();
  render(<Page shortcuts={[{ keys: 'j', does: 'Next row', run }]} />);
  await userEvent.type(screen.getByLabelText('words'), 'jj');
  expect(run).not.toHaveBeenCalled();
});

test('a page that is gone has no keys', async () => {
  const run = vi.fn();
  render(<Page shortcuts={[{ keys: 'j', does: 'Next row', run }]} />).unmount();
  await userEvent.keyboard('j');
  expect(run).not.toHaveBeenCalled();
});
