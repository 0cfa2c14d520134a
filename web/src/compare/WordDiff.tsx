import { Button } from '@mantine/core';
import { useState } from 'react';
import { visible } from '@/shared/safeText';
import { count } from '@/shared/words';
import classes from './compare.module.css';
import { cutWords, type Words } from './sides';

const AT_FIRST = 4_000;

interface WordDiffProps {
  readonly pieces: readonly Words[];
  readonly side: 'baseline' | 'replay';
}

/** What one side said; what the other lacks is struck through (baseline) or underlined (replay). */
export function WordDiff({ pieces, side }: WordDiffProps) {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? { pieces, isCut: false } : cutWords(pieces, AT_FIRST);
  const size = pieces.reduce((sum, { text }) => sum + text.length, 0);
  const Mark = side === 'baseline' ? 'del' : 'ins';
  return (
    <>
      <div className={classes['words']} dir="auto">
        {shown.pieces.map(({ text, isOther }, index) =>
          isOther ? <Mark key={index}>{visible(text)}</Mark> : visible(text),
        )}
        {shown.isCut && '…'}
      </div>
      {shown.isCut && (
        <Button variant="subtle" size="compact-xs" onClick={() => setAll(true)}>
          Show all ({count(size)} characters)
        </Button>
      )}
    </>
  );
}
