import { NativeSelect, Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { AgentDefinition, VersionDiff } from '@/api/types';
import { JsonTree } from '@/shared/JsonTree';
import { Page, Waiting } from '@/shared/Page';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { SafeText } from '@/shared/SafeText';
import { oneLine, visible } from '@/shared/safeText';
import { ToneNote } from '@/shared/Tone';
import { counted, UNKNOWN, when, whenInFull } from '@/shared/words';
import classes from './agents.module.css';
import { agentQuery, diffQuery } from './queries';

const route = getRouteApi('/p/$project/agents/$id');

/** An agent: its versions, and what changed between two of them. */
export function AgentPage() {
  const { id } = route.useParams();
  const found = useQuery(agentQuery(id));
  if (found.isError) {
    return (
      <Page title="This agent cannot be shown">
        <ProblemNotice error={found.error} onRetry={() => void found.refetch()} />
      </Page>
    );
  }
  if (!found.data) return <Waiting />;
  return <Shown agent={found.data} />;
}

function Shown({ agent }: { agent: AgentDefinition }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const last = agent.versions.length;
  const after = search.after ?? last;
  const before = search.before ?? Math.max(1, after - 1);
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const numbers = agent.versions.map(({ number }) => String(number));
  return (
    <Page title={oneLine(visible(agent.name), 90)} beside={<span>{counted(last, 'version')}</span>}>
      <Versions agent={agent} />
      {last > 1 && (
        <section className={classes['diff']} aria-label="What changed">
          <h2 className={classes['title']}>What changed</h2>
          <div className={classes['choice']}>
            <NativeSelect
              label="From version"
              value={String(before)}
              data={numbers}
              onChange={(event) => set({ before: Number(event.currentTarget.value) })}
            />
            <NativeSelect
              label="To version"
              value={String(after)}
              data={numbers}
              onChange={(event) => set({ after: Number(event.currentTarget.value) })}
            />
          </div>
          <Changes id={agent.id} before={before} after={after} />
        </section>
      )}
      <Latest agent={agent} />
    </Page>
  );
}

function Versions({ agent }: { agent: AgentDefinition }) {
  return (
    <Table.ScrollContainer minWidth={560} type="native" tabIndex={0}>
      <Table aria-label="Versions">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Version</Table.Th>
            <Table.Th>Made</Table.Th>
            <Table.Th>Model</Table.Th>
            <Table.Th>Tools</Table.Th>
            <Table.Th>Note</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {[...agent.versions].reverse().map((version) => (
            <Table.Tr key={version.number}>
              <Table.Td className="numbers">{version.number}</Table.Td>
              <Table.Td title={whenInFull(version.created_at)}>{when(version.created_at)}</Table.Td>
              <Table.Td>{visible(version.snapshot.model ?? UNKNOWN)}</Table.Td>
              <Table.Td className="mono">
                {oneLine(visible(version.snapshot.tools.map(({ name }) => name).join(', ')), 120)}
              </Table.Td>
              <Table.Td>{oneLine(visible(version.note), 160)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Changes({ id, before, after }: { id: string; before: number; after: number }) {
  const found = useQuery(diffQuery(id, before, after));
  if (found.isError) return <ProblemNotice error={found.error} />;
  if (!found.data) return <Waiting />;
  if (found.data.changes.length === 0) {
    return <ToneNote tone="good" title="These two versions are the same" />;
  }
  return found.data.changes.map((change) => <Change key={change.field} change={change} />);
}

function Change({ change }: { change: VersionDiff['changes'][number] }) {
  return (
    <article className={classes['change']} aria-label={change.field}>
      <h3 className={classes['field']}>{visible(change.field.replaceAll('_', ' '))}</h3>
      {change.text_diff.length > 0 ? (
        <div className={classes['words']} dir="auto">
          {change.text_diff.map(({ op, baseline, replay }, index) => (
            <span key={index}>
              {op === 'equal' ? (
                visible(replay)
              ) : (
                <>
                  {baseline !== '' && <del>{visible(baseline)}</del>}
                  {replay !== '' && <ins>{visible(replay)}</ins>}
                </>
              )}
            </span>
          ))}
        </div>
      ) : (
        <div className={classes['sides']}>
          <Side label="Before" value={change.before} />
          <Side label="After" value={change.after} />
        </div>
      )}
    </article>
  );
}

function Side({ label, value }: { label: string; value: unknown }) {
  return (
    <div>
      <div className="dim">{label}</div>
      {value === null || value === undefined ? (
        <span className="dim">nothing</span>
      ) : (
        <JsonTree value={value} label={label} />
      )}
    </div>
  );
}

function Latest({ agent }: { agent: AgentDefinition }) {
  const snapshot = agent.versions.at(-1)?.snapshot;
  if (!snapshot) return null;
  return (
    <section className={classes['diff']} aria-label="The latest version">
      <h2 className={classes['title']}>The latest version</h2>
      {snapshot.description !== '' && <SafeText text={snapshot.description} />}
      {snapshot.system_prompt !== null && (
        <details open>
          <summary>System prompt</summary>
          <SafeText text={snapshot.system_prompt} />
        </details>
      )}
      {snapshot.tools.length > 0 && (
        <details>
          <summary>Tools</summary>
          <JsonTree value={snapshot.tools} label="Tools" open={1} />
        </details>
      )}
    </section>
  );
}
