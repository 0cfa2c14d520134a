import { Button, CloseButton } from '@mantine/core';
import { filterOf, type FilterSearch, NO_FILTER } from '@/shared/filter';
import { visible } from '@/shared/safeText';
import { whenInFull } from '@/shared/words';
import classes from './FilterBar.module.css';

interface Token {
  readonly key: string;
  readonly name: string;
  readonly value: string;
  readonly without: FilterSearch;
}

const NAMES = {
  since: 'from',
  until: 'until',
  tool: 'tool',
  user: 'user',
  error: 'errors',
  agent: 'agent',
  version: 'version',
  model: 'model',
  tag: 'tag',
} as const;

/** The filters that are set, each with what takes it away. Words and the span of time are seen anyway. */
export function tokensOf(search: FilterSearch): readonly Token[] {
  const filter = filterOf(search);
  const single = (Object.keys(NAMES) as (keyof typeof NAMES)[]).flatMap((key) => {
    const value = filter[key];
    if (value === undefined) return [];
    const shown = key === 'since' || key === 'until' ? whenInFull(value) : visible(value);
    return [{ key, name: NAMES[key], value: shown, without: { [key]: undefined } }];
  });
  const labels = (filter.label ?? []).map((label) => ({
    key: `label ${label}`,
    name: 'metadata',
    value: visible(label),
    without: { label: filter.label?.filter((other) => other !== label) },
  }));
  return [...single, ...labels];
}

interface FilterTokensProps {
  readonly filter: FilterSearch;
  readonly onFilter: (change: FilterSearch) => void;
}

export function FilterTokens({ filter, onFilter }: FilterTokensProps) {
  const tokens = tokensOf(filter);
  if (tokens.length === 0) return null;
  return (
    <ul className={classes['tokens']} aria-label="Filters that are set">
      {tokens.map(({ key, name, value, without }) => (
        <li key={key} className={classes['token']}>
          <span>
            <span className="dim">{name}: </span>
            <bdi>{value}</bdi>
          </span>
          <CloseButton
            size="xs"
            aria-label={`Take away the filter ${name}: ${value}`}
            onClick={() => onFilter(without)}
          />
        </li>
      ))}
      <li>
        <Button variant="subtle" size="compact-xs" onClick={() => onFilter(NO_FILTER)}>
          Clear all
        </Button>
      </li>
    </ul>
  );
}
