import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useMemo, useState } from 'react';
import { beforeEach, expect, test, vi } from 'vitest';
import type { RowColumn } from './columns';
import { RowTable } from './RowTable';

interface Talk {
  readonly id: string;
}

const ROWS: readonly Talk[] = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
const SHOWN = new Set(['name']);
const idOf = ({ id }: Talk) => id;

function Talks({ onToggle }: { onToggle: (id: string) => void }) {
  const [opened, setOpened] = useState('none');
  const columns = useMemo(
    (): readonly RowColumn<Talk>[] => [
      {
        id: 'name',
        header: 'Name',
        main: true,
        cell: ({ id }) => (
          <button data-row-link aria-pressed={opened === id} onClick={() => setOpened(id)}>
            open {id}
          </button>
        ),
      },
    ],
    [opened],
  );
  return (
    <MantineProvider>
      <RowTable
        label="Talks"
        rows={ROWS}
        idOf={idOf}
        nameOf={idOf}
        columns={columns}
        shown={SHOWN}
        total={7}
        selection={{ isSelected: (id) => id === 'b', onToggle, onToggleLoaded: vi.fn() }}
      />
    </MantineProvider>
  );
}

beforeEach(() => {
  // jsdom lays nothing out: the box is said to have room for all rows.
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600);
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(600);
});

test('rows say where they stand among all, and which are selected', () => {
  render(<Talks onToggle={vi.fn()} />);
  expect(screen.getByRole('table').getAttribute('aria-rowcount')).toBe('8');
  const rows = screen.getAllByRole('row');
  expect(rows.map((row) => row.getAttribute('aria-rowindex'))).toEqual(['1', '2', '3', '4']);
  expect(screen.getByRole<HTMLInputElement>('checkbox', { name: 'Select b' }).checked).toBe(true);
});

test('the focus stays on a row whose columns are drawn anew', async () => {
  render(<Talks onToggle={vi.fn()} />);
  await userEvent.click(screen.getByRole('button', { name: 'open a' }));
  const pressed = screen.getByRole('button', { name: 'open a', pressed: true });
  expect(document.activeElement).toBe(pressed);
});

test('one row is selected by its checkbox', async () => {
  const onToggle = vi.fn();
  render(<Talks onToggle={onToggle} />);
  await userEvent.click(screen.getByRole('checkbox', { name: 'Select c' }));
  expect(onToggle).toHaveBeenCalledWith('c');
});
