import { Table } from '@mantine/core';
import type { Metric, MetricSummary } from '@/api/types';
import { ToneBadge } from '@/shared/Tone';
import { count, duration, money, UNKNOWN } from '@/shared/words';

interface MetricTableProps {
  readonly label: string;
  readonly metrics: readonly (Metric | MetricSummary)[];
}

/** Numbers of the baseline beside those of the replay, and whether the change is good. */
export function MetricTable({ label, metrics }: MetricTableProps) {
  const isMean = metrics.some((metric) => 'counted' in metric);
  return (
    <Table.ScrollContainer minWidth={520} type="native" tabIndex={0}>
      <Table aria-label={label} verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Metric</Table.Th>
            <Table.Th ta="right">Baseline</Table.Th>
            <Table.Th ta="right">Replay</Table.Th>
            <Table.Th ta="right">Change</Table.Th>
            <Table.Th>Which is</Table.Th>
            {isMean && <Table.Th ta="right">Talks</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className="numbers">
          {metrics.map((metric) => (
            <Table.Tr key={metric.name}>
              <Table.Td>{nameOf(metric.name)}</Table.Td>
              <Table.Td ta="right">{amount(metric.baseline, metric.unit)}</Table.Td>
              <Table.Td ta="right">{amount(metric.replay, metric.unit)}</Table.Td>
              <Table.Td ta="right">{changeOf(metric)}</Table.Td>
              <Table.Td>
                <Worth metric={metric} />
              </Table.Td>
              {'counted' in metric && <Table.Td ta="right">{count(metric.counted)}</Table.Td>}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Worth({ metric: { change, better } }: { metric: Metric | MetricSummary }) {
  if (change === null) return <span className="dim">not comparable</span>;
  if (change === 0) return <span className="dim">no change</span>;
  if (better === null) return <span className="dim">neither</span>;
  const isGood = change > 0 === (better === 'higher');
  return <ToneBadge tone={isGood ? 'good' : 'bad'}>{isGood ? 'better' : 'worse'}</ToneBadge>;
}

const nameOf = (name: string) => {
  const words = name.replace(/_(ms|usd)$/, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export function amount(value: number | null, unit: string): string {
  if (value === null) return UNKNOWN;
  if (unit === 'ms') return duration(value);
  if (unit.toLowerCase() === 'usd') return money(value);
  return Number.isInteger(value) ? count(value) : value.toFixed(2);
}

function changeOf({ change, change_percent: percent, unit }: Metric | MetricSummary): string {
  if (change === null) return UNKNOWN;
  const sign = change > 0 ? '+' : change < 0 ? '−' : '';
  const part = percent === null ? '' : ` (${sign}${Math.abs(percent).toFixed(0)} %)`;
  return `${sign}${amount(Math.abs(change), unit)}${part}`;
}
