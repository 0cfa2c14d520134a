import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useState } from 'react';
import classes from './CopyText.module.css';

const SHOWN_MS = 1_600;

/** Puts a text on the clipboard. Plain http has no clipboard, so there is a way without. */
export async function copied(text: string): Promise<boolean> {
  // The type says that it is always there; over plain http it is not.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard) {
    await clipboard.writeText(text);
    return true;
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  document.body.append(area);
  area.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const done = document.execCommand('copy');
  area.remove();
  return done;
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [state, setState] = useState<'idle' | 'done' | 'failed'>('idle');
  const said = { idle: label, done: 'Copied', failed: 'Could not copy' }[state];
  const copy = () =>
    copied(text)
      .then((done) => setState(done ? 'done' : 'failed'))
      .catch(() => setState('failed'))
      .finally(() => setTimeout(() => setState('idle'), SHOWN_MS));
  return (
    <Tooltip label={said}>
      <ActionIcon aria-label={label} onClick={() => void copy()} size="sm">
        {state === 'done' ? <IconCheck size={15} /> : <IconCopy size={15} stroke={1.7} />}
      </ActionIcon>
    </Tooltip>
  );
}

/** Lines to be copied, with the button that does it. */
export function CopyText({ text, label }: { text: string; label: string }) {
  return (
    <div className={classes['box']}>
      <pre className={classes['text']}>{text}</pre>
      <CopyButton text={text} label={label} />
    </div>
  );
}
