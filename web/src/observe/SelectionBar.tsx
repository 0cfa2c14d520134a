import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { ALL, NOTHING, selectedCount, type SelectionSearch } from '@/shared/selection';
import { count, counted } from '@/shared/words';
import { DeleteTalks } from './DeleteTalks';
import type { TalkKind } from './queries';
import type { TalksSearch } from './routes';
import classes from './SelectionBar.module.css';

interface SelectionBarProps {
  readonly kind: TalkKind;
  readonly project: string;
  readonly search: TalksSearch;
  readonly loaded: number;
  readonly total: number | null;
  readonly onSelect: (selection: SelectionSearch) => void;
  readonly onReplay: () => void;
}

/** What is selected and what can be done with it; not there while nothing is. */
export function SelectionBar(props: SelectionBarProps) {
  const { kind, project, search, loaded, total, onSelect, onReplay } = props;
  const [deleting, ask] = useDisclosure(false);
  const selected = selectedCount(search, total);
  if (selected === 0 && !deleting) return null;
  const many = selected === null ? 'all' : count(selected);
  const isMore = !search.all && selected !== null && selected >= loaded && (total ?? 0) > selected;
  return (
    <section className={classes['bar']} aria-label="Selection">
      <span role="status" className={classes['count']}>
        {search.all ? `All that match: ${many}` : `${many} selected`}
      </span>
      {isMore && (
        <Button variant="subtle" onClick={() => onSelect(ALL)}>
          Select all {counted(total ?? 0, kind)} that match
        </Button>
      )}
      <Button variant="subtle" color="gray" onClick={() => onSelect(NOTHING)}>
        Clear
      </Button>
      <div className={classes['acts']}>
        <Button
          variant="default"
          leftSection={<IconTrash size={15} stroke={1.7} />}
          onClick={ask.open}
        >
          Delete
        </Button>
        <Button leftSection={<IconPlayerPlay size={15} />} onClick={onReplay}>
          Replay {many}
        </Button>
      </div>
      <DeleteTalks
        opened={deleting}
        kind={kind}
        project={project}
        search={search}
        many={many}
        onClose={ask.close}
        onDone={() => onSelect(NOTHING)}
      />
    </section>
  );
}
