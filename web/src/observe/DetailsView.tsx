import type { ReactNode } from 'react';
import type { ConversationView } from '@/api/types';
import { CopyButton } from '@/shared/CopyText';
import { JsonTree } from '@/shared/JsonTree';
import { visible } from '@/shared/safeText';
import { UNKNOWN, whenInFull } from '@/shared/words';
import classes from './DetailsView.module.css';

/** What else came with the conversation: ids, times, metadata. */
export function DetailsView({ talk }: { talk: ConversationView }) {
  const hasMetadata = Object.keys(talk.metadata).length > 0;
  return (
    <div className={classes['view']}>
      <section className={classes['part']}>
        <h2>Ids</h2>
        <dl>
          <Fact name="Conversation">
            <Id id={talk.id} />
          </Fact>
          <Fact name="Session">
            {talk.session_id === null ? UNKNOWN : <Id id={talk.session_id} />}
          </Fact>
          <Fact name={talk.trace_ids.length === 1 ? 'Trace' : 'Traces'}>
            {talk.trace_ids.map((id) => (
              <div key={id}>
                <Id id={id} />
              </div>
            ))}
          </Fact>
        </dl>
      </section>
      <section className={classes['part']}>
        <h2>Times</h2>
        <dl>
          <Fact name="Started">{whenInFull(talk.started_at)}</Fact>
          <Fact name="Ended">{whenInFull(talk.ended_at)}</Fact>
          <Fact name="Clock">
            {talk.time_synthetic ? 'None in the source: these times are made up' : 'As captured'}
          </Fact>
        </dl>
      </section>
      <section className={classes['part']}>
        <h2>Metadata</h2>
        {hasMetadata ? (
          <JsonTree value={talk.metadata} label="Metadata" />
        ) : (
          <span className="dim">None came with the spans.</span>
        )}
      </section>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
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
