import { Button } from '@mantine/core';
import { IconInbox, IconSearchOff } from '@tabler/icons-react';
import { EmptyState } from '@/shared/EmptyState';
import { type FilterSearch, isFiltered, NO_FILTER } from '@/shared/filter';
import { NoDataYet } from '@/shell/NoDataYet';

interface NoTalksProps {
  readonly project: string;
  readonly filter: FilterSearch;
  readonly onFilter: (change: FilterSearch) => void;
}

/** Why the list is empty, and what to do about it. */
export function NoTalks({ project, filter, onFilter }: NoTalksProps) {
  if (isFiltered(filter)) {
    return (
      <EmptyState icon={IconSearchOff} title="Nothing matches these filters">
        <p>All words that are searched for must be in one thing said, or in one tool’s name.</p>
        <Button variant="default" onClick={() => onFilter(NO_FILTER)}>
          Clear the filters
        </Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={IconInbox} title="Nothing was captured in this project yet">
      <p>Traces show here seconds after they come in.</p>
      <NoDataYet project={project} />
    </EmptyState>
  );
}
