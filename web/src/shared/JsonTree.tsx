import { IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { childrenOf, type Child, isBranch, parsedJson, previewOf, sizeOf } from './json';
import classes from './JsonTree.module.css';
import { SafeText } from './SafeText';
import { visible } from './safeText';
import { count } from './words';

/** How many members of a list or an object are shown before "show more". */
const MEMBERS_AT_FIRST = 50;
const STRING_AT_FIRST = 400;

interface JsonTreeProps {
  readonly value: unknown;
  /** What it is: `Arguments`. */
  readonly label: string;
  /** How many levels are open at first. */
  readonly open?: number;
}

/** Any JSON as a tree that opens and closes. Texts that hold JSON are read as such, and say so. */
export function JsonTree({ value, label, open = 2 }: JsonTreeProps) {
  return (
    <div className={classes['tree']} role="group" aria-label={label}>
      {isBranch(value) ? <Members value={value} open={open} /> : <Leaf value={value} open={open} />}
    </div>
  );
}

function Members({ value, open }: { value: object; open: number }) {
  const [most, setMost] = useState(MEMBERS_AT_FIRST);
  const all = childrenOf(value);
  if (all.length === 0) return <span className="dim">{Array.isArray(value) ? '[]' : '{}'}</span>;
  return (
    <ul className={classes['members']}>
      {all.slice(0, most).map((child) => (
        <Member key={child.key} child={child} open={open} />
      ))}
      {all.length > most && (
        <li>
          <button
            type="button"
            className={classes['more']}
            onClick={() => setMost(most + MEMBERS_AT_FIRST * 4)}
          >
            Show more ({count(all.length - most)} left)
          </button>
        </li>
      )}
    </ul>
  );
}

function Member({ child: { key, value }, open }: { child: Child; open: number }) {
  const [isOpen, setOpen] = useState(open > 0);
  const name = visible(key);
  if (!isBranch(value) || sizeOf(value) === 0) {
    return (
      <li className={classes['leaf']}>
        <span className={classes['key']}>{name}</span> <Leaf value={value} open={open} />
      </li>
    );
  }
  return (
    <li>
      <button
        type="button"
        className={classes['toggle']}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <IconChevronRight size={12} stroke={2} aria-hidden />
        <span className={classes['key']}>{name}</span>{' '}
        <span className="dim">{isOpen ? sizeWords(value) : previewOf(value)}</span>
      </button>
      {isOpen && <Members value={value} open={open - 1} />}
    </li>
  );
}

function Leaf({ value, open }: { value: unknown; open: number }) {
  if (typeof value === 'string') return <Words text={value} open={open} />;
  if (isBranch(value)) return <span className="dim">{Array.isArray(value) ? '[]' : '{}'}</span>;
  return <span className={classes['literal']}>{String(value)}</span>;
}

/** A text; where it holds JSON, the tree of it or the text as it is. */
function Words({ text, open }: { text: string; open: number }) {
  const [isRaw, setRaw] = useState(false);
  const parsed = parsedJson(text);
  if (parsed === null) return <SafeText text={text} as="inline" most={STRING_AT_FIRST} />;
  return (
    <>
      <button type="button" className={classes['more']} onClick={() => setRaw(!isRaw)}>
        {isRaw ? 'Show the JSON in it' : 'JSON in a text: show as it is'}
      </button>
      {isRaw ? (
        <SafeText text={text} as="code" most={STRING_AT_FIRST} />
      ) : (
        <Members value={parsed} open={open - 1} />
      )}
    </>
  );
}

function sizeWords(value: object): string {
  const size = sizeOf(value);
  return Array.isArray(value) ? `[${size}]` : `{${size}}`;
}
