import { CloseButton, Table } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { SpanView } from '@/api/types';
import { CopyButton } from '@/shared/CopyText';
import { JsonTree } from '@/shared/JsonTree';
import { SafeText } from '@/shared/SafeText';
import { visible } from '@/shared/safeText';
import { useShortcuts } from '@/shared/shortcuts';
import { ToneNote } from '@/shared/Tone';
import { duration, UNKNOWN, whenInFull } from '@/shared/words';
import classes from './spans.module.css';

interface SpanDetailsProps {
  readonly span: SpanView;
  readonly onClose: () => void;
}

/** One span: what it says of itself, its attributes, events and resource. */
export function SpanDetails({ span, onClose }: SpanDetailsProps) {
  const head = useRef<HTMLHeadingElement>(null);
  useShortcuts([{ keys: 'Escape', does: 'Close the span', run: onClose }]);
  useEffect(() => head.current?.focus({ preventScroll: true }), [span.span_id]);
  return (
    <aside className={classes['details']} aria-label="Span">
      <header className={classes['detailsHead']}>
        <h2 ref={head} tabIndex={-1} className={classes['detailsTitle']}>
          <SafeText text={span.name} as="inline" most={200} />
        </h2>
        <CloseButton aria-label="Close the span" onClick={onClose} />
      </header>
      {span.status === 'error' && (
        <ToneNote tone="bad" title="This span failed">
          {span.status_message && <SafeText text={span.status_message} />}
        </ToneNote>
      )}
      <Table withRowBorders={false} verticalSpacing={2} aria-label="Of this span">
        <Table.Tbody>
          <Fact name="Kind">{visible(span.kind)}</Fact>
          <Fact name="Read as">{visible(span.reader)}</Fact>
          <Fact name="Started">{whenInFull(span.started_at)}</Fact>
          <Fact name="Took">{duration(span.duration_ms)}</Fact>
          <Fact name="Service">{span.service === null ? UNKNOWN : visible(span.service)}</Fact>
          <Fact name="Scope">{span.scope === '' ? UNKNOWN : visible(span.scope)}</Fact>
          <Fact name="Span id">
            <Id id={span.span_id} />
          </Fact>
          <Fact name="Trace id">
            <Id id={span.trace_id} />
          </Fact>
        </Table.Tbody>
      </Table>
      <Attributes title="Attributes" of={span.attributes} isOpen />
      {span.cut.length > 0 && (
        <p className="dim">Longer than is shown here: {span.cut.map(visible).join(', ')}</p>
      )}
      {span.events.map((event, index) => (
        <Attributes
          key={index}
          title={`Event: ${visible(event.name)}`}
          of={event.attributes}
          isOpen={event.name === 'exception'}
        />
      ))}
      <Attributes title="Resource" of={span.resource} />
    </aside>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <Table.Tr>
      <Table.Th w={76} className="dim" fw={400}>
        {name}
      </Table.Th>
      <Table.Td>{children}</Table.Td>
    </Table.Tr>
  );
}

function Id({ id }: { id: string }) {
  return (
    <span className={classes['id']}>
      <span className="mono">{visible(id)}</span>
      <CopyButton text={id} label={`Copy ${visible(id)}`} />
    </span>
  );
}

interface AttributesProps {
  readonly title: string;
  readonly of: Readonly<Record<string, unknown>>;
  readonly isOpen?: boolean;
}

function Attributes({ title, of, isOpen = false }: AttributesProps) {
  const size = Object.keys(of).length;
  if (size === 0) return null;
  return (
    <details className={classes['attributes']} open={isOpen}>
      <summary>
        {title} <span className="dim">{size}</span>
      </summary>
      <JsonTree value={of} label={title} open={1} />
    </details>
  );
}
