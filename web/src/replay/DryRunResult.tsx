import { Table } from '@mantine/core';
import type { DryRun } from '@/api/types';
import { SafeText } from '@/shared/SafeText';
import { visible } from '@/shared/safeText';
import { type Tone, ToneBadge, ToneNote } from '@/shared/Tone';
import { count, counted, duration, money } from '@/shared/words';
import classes from './replay.module.css';

const EFFECTS: Readonly<Record<DryRun['tools'][number]['effect'], Tone>> = {
  read: 'muted',
  write: 'warn',
  unknown: 'warn',
};

interface DryRunResultProps {
  readonly found: DryRun;
  readonly concurrency: number;
}

/** What the replay could answer from the recordings, and what would keep it from beginning. */
export function DryRunResult({ found, concurrency }: DryRunResultProps) {
  const { estimate } = found;
  return (
    <section className={classes['dry']} aria-label="Dry run" aria-live="polite">
      <p className={classes['sentence']}>{found.sentence}</p>
      {found.unguarded.length > 0 && (
        <ToneNote
          tone="bad"
          title={`It would run for real: ${found.unguarded.map(visible).join(', ')}`}
        >
          The run will be refused. Decorate these tools with <code>@reenact.tool</code>, let the
          agent hand its calls back, or allow live tools below “How it is run”.
        </ToneNote>
      )}
      {found.problems.map((problem) => (
        <ToneNote key={problem} tone="bad">
          <SafeText text={problem} />
        </ToneNote>
      ))}
      {found.tools.length > 0 && (
        <Table.ScrollContainer minWidth={420} type="native" tabIndex={0}>
          <Table aria-label="Tools that the recordings call">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Tool</Table.Th>
                <Table.Th>Effect</Table.Th>
                <Table.Th ta="right">Answered from the recording</Table.Th>
                <Table.Th>Guarded</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {found.tools.map((tool) => (
                <Table.Tr key={tool.name}>
                  <Table.Td className="mono">{visible(tool.name)}</Table.Td>
                  <Table.Td>
                    <ToneBadge tone={EFFECTS[tool.effect]}>{tool.effect}</ToneBadge>
                  </Table.Td>
                  <Table.Td ta="right" className="numbers">
                    {count(tool.answered)} of {count(tool.calls)}
                  </Table.Td>
                  <Table.Td>
                    {tool.guarded ? (
                      <ToneBadge tone="good">yes</ToneBadge>
                    ) : (
                      <ToneBadge tone="bad">no, it would run</ToneBadge>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <p className="dim">
        As when it was recorded: {counted(estimate.talks, 'talk')},{' '}
        {counted(estimate.turns, 'turn')},{' '}
        {duration(estimate.seconds === null ? null : estimate.seconds * 1000)} at {concurrency} at
        once, {money(estimate.cost_usd)}.
      </p>
    </section>
  );
}
