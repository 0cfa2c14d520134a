import { Table } from '@mantine/core';
import type { CallView, Judgement, ToolCallView } from '@/api/types';
import { SafeText } from '@/shared/SafeText';
import { visible } from '@/shared/safeText';
import { previewOfCall, ToolCallCard } from '@/shared/talk/ToolCallCard';
import { type Tone, ToneBadge, ToneNote } from '@/shared/Tone';
import classes from './compare.module.css';

const TONES: Readonly<Record<Judgement['outcome'], Tone>> = {
  pass: 'good',
  fail: 'bad',
  no_evidence: 'muted',
};

/** What was to hold and whether it does; and the tool calls that have no partner. */
export function Checks({ call }: { call: CallView }) {
  return (
    <div className={classes['stack']}>
      <ToneNote tone="info" title={<SafeText text={call.verdict_reason} as="inline" />} />
      {call.judgements.length > 0 && (
        <Table.ScrollContainer minWidth={520} type="native" tabIndex={0}>
          <Table aria-label="Expectations">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Outcome</Table.Th>
                <Table.Th>Expectation</Table.Th>
                <Table.Th>Why</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {call.judgements.map((one, index) => (
                <Table.Tr key={index}>
                  <Table.Td>
                    <ToneBadge tone={TONES[one.outcome]}>{one.outcome.replace('_', ' ')}</ToneBadge>
                  </Table.Td>
                  <Table.Td>{expectationWords(one)}</Table.Td>
                  <Table.Td>
                    <SafeText text={one.reason} as="inline" />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <Calls title="Recorded calls that the replay never asked for" calls={call.unused_calls} />
      <Calls title="Calls that the recording did not answer" calls={call.unrecorded_calls} />
    </div>
  );
}

function Calls({ title, calls }: { title: string; calls: readonly ToolCallView[] }) {
  if (calls.length === 0) return null;
  return (
    <section aria-label={title}>
      <h2 className={classes['title']}>{title}</h2>
      {calls.map((call, index) => (
        <ToolCallCard key={`${previewOfCall(call)} ${index}`} call={call} />
      ))}
    </section>
  );
}

function expectationWords({ expectation: { kind, tool, text, turn } }: Judgement): string {
  const what = tool ?? (text === null ? '' : `“${text}”`);
  const where = turn === null ? '' : ` on turn ${turn}`;
  return visible(`${kind.replaceAll('_', ' ')} ${what}${where}`);
}
