import { IconChevronRight, IconTool } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import type { ToolCallView } from '@/api/types';
import { JsonTree } from '@/shared/JsonTree';
import { previewOf } from '@/shared/json';
import { SafeText } from '@/shared/SafeText';
import { visible } from '@/shared/safeText';
import { ToneBadge } from '@/shared/Tone';
import { UNKNOWN } from '@/shared/words';
import classes from './talk.module.css';

interface ToolCallCardProps {
  readonly call: ToolCallView;
  readonly isOpen?: boolean;
  /** Beside the name: where the answer came from, what changed. */
  readonly beside?: ReactNode;
  /** Below the answer, while the card is open. */
  readonly children?: ReactNode;
}

/** A tool call: one line, and opened its arguments and its result. */
export function ToolCallCard({ call, isOpen = false, beside, children }: ToolCallCardProps) {
  const [open, setOpen] = useState(isOpen);
  return (
    <div className={classes['call']} data-failed={call.error !== null || undefined}>
      <button
        type="button"
        className={classes['callHead']}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <IconChevronRight size={14} stroke={2} aria-hidden className={classes['chevron']} />
        <IconTool size={14} stroke={1.7} aria-hidden />
        <span className={classes['callName']}>{visible(call.name)}</span>
        {call.requestor === 'user' && <ToneBadge tone="info">called by the user</ToneBadge>}
        {call.error !== null && <ToneBadge tone="bad">failed</ToneBadge>}
        {beside}
        {!open && <span className={classes['callPreview']}>{previewOfCall(call)}</span>}
      </button>
      {open && (
        <div className={classes['callBody']}>
          <Part title="Arguments">
            <Arguments call={call} />
          </Part>
          {call.error === null ? (
            <Part title="Result">
              <Result value={call.result} />
            </Part>
          ) : (
            <Part title="Error">
              <SafeText text={call.error} as="code" />
            </Part>
          )}
          {children}
        </div>
      )}
    </div>
  );
}

/** `(order_id: "A-1001") → {status: "shipped"}`. */
export function previewOfCall(call: ToolCallView): string {
  const given = call.arguments ?? call.arguments_raw;
  const asked = isNothing(given) ? UNKNOWN : previewOf(given);
  if (call.error !== null) return asked;
  return `${asked} → ${isNothing(call.result) ? UNKNOWN : previewOf(call.result)}`;
}

const isNothing = (value: unknown) => value === null || value === undefined;

function Arguments({ call }: { call: ToolCallView }) {
  if (!isNothing(call.arguments)) return <JsonTree value={call.arguments} label="Arguments" />;
  if (call.arguments_raw !== null) return <SafeText text={call.arguments_raw} as="code" />;
  return <NotCaptured />;
}

function Result({ value }: { value: unknown }) {
  return isNothing(value) ? <NotCaptured /> : <JsonTree value={value} label="Result" />;
}

function NotCaptured() {
  return <span className="dim">Not in the telemetry</span>;
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={classes['part']}>
      <div className={classes['partTitle']}>{title}</div>
      <div className={classes['partBody']}>{children}</div>
    </div>
  );
}
