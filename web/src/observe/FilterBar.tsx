import { Button, Popover, Select } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { filterCount, type FilterSearch, SPANS_OF_TIME, type SpanOfTime } from '@/shared/filter';
import { SearchInput } from '@/shared/SearchInput';
import classes from './FilterBar.module.css';
import { FilterFields } from './FilterFields';
import { FilterTokens } from './FilterTokens';

const NAMES: Readonly<Record<SpanOfTime, string>> = {
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
};

export interface FilterBarProps {
  readonly project: string;
  readonly filter: FilterSearch;
  readonly onFilter: (change: FilterSearch) => void;
  /** On the right: what else changes the list. */
  readonly children?: ReactNode;
}

/** What the list shows: words, time, and the rest behind one button; what is set, as tokens. */
export function FilterBar({ project, filter, onFilter, children }: FilterBarProps) {
  const set = filterCount(filter);
  return (
    <search className={classes['bar']}>
      <SearchInput
        label="Search what was said, and names of tools"
        placeholder="Search words and tools"
        value={filter.q}
        onSearch={(q) => onFilter({ q })}
        className={classes['words']}
      />
      <Select
        aria-label="Time"
        className={classes['time']}
        data={[
          { value: '', label: filter.since || filter.until ? 'Chosen time' : 'Any time' },
          ...SPANS_OF_TIME.map((value) => ({ value, label: NAMES[value] })),
        ]}
        value={filter.last ?? ''}
        allowDeselect={false}
        onChange={(value) =>
          onFilter({
            last: SPANS_OF_TIME.find((one) => one === value),
            since: undefined,
            until: undefined,
          })
        }
      />
      <Popover position="bottom-start" shadow="md" width={300} trapFocus>
        <Popover.Target>
          <Button variant="default" leftSection={<IconFilter size={15} stroke={1.7} />}>
            {set > 0 ? `Filters (${set})` : 'Filters'}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="Filters">
          <FilterFields project={project} filter={filter} onFilter={onFilter} />
        </Popover.Dropdown>
      </Popover>
      {children}
      <FilterTokens filter={filter} onFilter={onFilter} />
    </search>
  );
}
