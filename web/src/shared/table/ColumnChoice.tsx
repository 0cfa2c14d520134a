import { Button, Checkbox, Popover, Stack } from '@mantine/core';
import { IconColumns3 } from '@tabler/icons-react';
import { type RowColumn, shownIds, toggledColumn } from './columns';

interface ColumnChoiceProps<Row> {
  readonly columns: readonly RowColumn<Row>[];
  readonly chosen: string | undefined;
  readonly onChoose: (chosen: string | undefined) => void;
}

export function ColumnChoice<Row>({ columns, chosen, onChoose }: ColumnChoiceProps<Row>) {
  const shown = shownIds(columns, chosen);
  return (
    <Popover position="bottom-end" shadow="md" trapFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<IconColumns3 size={15} stroke={1.7} />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns">
        <Stack gap={8}>
          {columns
            .filter(({ main }) => !main)
            .map(({ id, header }) => (
              <Checkbox
                key={id}
                label={header}
                checked={shown.has(id)}
                onChange={() => onChoose(toggledColumn(columns, chosen, id))}
              />
            ))}
          {chosen !== undefined && (
            <Button variant="subtle" size="compact-xs" onClick={() => onChoose(undefined)}>
              Show the usual ones
            </Button>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
