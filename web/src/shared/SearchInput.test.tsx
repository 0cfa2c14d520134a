import { MantineProvider } from '@mantine/core';
import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { SearchInput } from './SearchInput';

function shown(onSearch: (words: string | undefined) => void): HTMLElement {
  render(
    <MantineProvider>
      <SearchInput label="Words" placeholder="" value="money" onSearch={onSearch} />
    </MantineProvider>,
  );
  return screen.getByLabelText('Words');
}

test('Enter searches at once', async () => {
  const onSearch = vi.fn();
  await userEvent.type(shown(onSearch), ' back{Enter}');
  expect(onSearch).toHaveBeenCalledExactlyOnceWith('money back');
});

test('Escape leaves the field, and its words in it', () => {
  const onSearch = vi.fn();
  const field = shown(onSearch);
  field.focus();
  const goesOn = fireEvent.keyDown(field, { key: 'Escape' });
  expect(goesOn).toBe(false); // the browser would empty it
  expect(document.activeElement).not.toBe(field);
  expect(onSearch).not.toHaveBeenCalled();
});
