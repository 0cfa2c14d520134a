import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { cut, parts, pieces, sizeInWords, SHOWN_AT_FIRST, visible } from './safeText';
import { CopyButton } from './CopyText';
import classes from './SafeText.module.css';

interface SafeTextProps {
  readonly text: string;
  /** `block` keeps line breaks; `inline` flows with its line; `code` is in fixed width. */
  readonly as?: 'block' | 'inline' | 'code';
  /** How much is shown before "show all". */
  readonly most?: number;
}

/** Any text that came from outside. Nothing else may render such a text. */
export function SafeText({ text, as = 'block', most = SHOWN_AT_FIRST }: SafeTextProps) {
  const [all, setAll] = useState(false);
  const { text: start, isCut } = cut(text, most);
  const Box = as === 'inline' ? 'span' : as === 'code' ? 'pre' : 'div';
  if (all) return <AllOf text={text} onLess={() => setAll(false)} />;
  return (
    <>
      <Box className={classes[as]} dir="auto">
        <Pieces text={start} />
        {isCut && '…'}
      </Box>
      {isCut && (
        <Button variant="subtle" size="compact-xs" onClick={() => setAll(true)}>
          Show all ({sizeInWords(text)})
        </Button>
      )}
    </>
  );
}

/** The whole of a long text, in a box of its own that scrolls. */
function AllOf({ text, onLess }: { text: string; onLess: () => void }) {
  return (
    <>
      {/* A box that scrolls must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={classes['all']} tabIndex={0} role="region" aria-label="Whole text">
        {parts(text).map((part, index) => (
          <span key={index} className={classes['part']} dir="auto">
            {visible(part)}
          </span>
        ))}
      </pre>
      <Group gap={4}>
        <Button variant="subtle" size="compact-xs" onClick={onLess}>
          Show less
        </Button>
        <CopyButton text={text} label="Copy the whole text" />
      </Group>
    </>
  );
}

function Pieces({ text }: { text: string }) {
  return pieces(text).map(({ text: piece, hidden }, index) =>
    hidden === null ? (
      piece
    ) : (
      <span
        key={index}
        className={classes['hidden']}
        title={`A character that is not seen: ${hidden}`}
      >
        {hidden}
      </span>
    ),
  );
}
