import { Table } from '@mantine/core';
import type { Axis, Fidelity } from '@/api/types';
import { SafeText } from '@/shared/SafeText';
import { AS_CELL, AS_COLUMN, AS_GROUP, AS_ROW, AS_TABLE } from '@/shared/table/roles';
import { ToneBadge } from '@/shared/Tone';
import { UNKNOWN } from '@/shared/words';
import { AXIS_NAMES, fixOf, STATUS_WORDS, toneOfScore } from './fidelityWords';
import classes from './FidelityView.module.css';

export function FidelityBadge({ fidelity: { score } }: { fidelity: Fidelity }) {
  return (
    <ToneBadge
      tone={toneOfScore(score)}
      title="How much of the original the capture holds, of 100: the mean of all axes that apply"
    >
      Fidelity {score ?? UNKNOWN}
    </ToneBadge>
  );
}

/** How much of the original was captured, axis by axis, and what to mend for the next time. */
export function FidelityView({ fidelity }: { fidelity: Fidelity }) {
  return (
    <div className={classes['view']}>
      <p className="dim">
        How much of the original conversation the capture holds. What is missing limits what a
        replay can answer and compare; nothing is guessed.
      </p>
      <div className="panel">
        <Table
          {...AS_TABLE}
          aria-label="Fidelity by axis"
          verticalSpacing={8}
          className={classes['table']}
        >
          <Table.Thead {...AS_GROUP}>
            <Table.Tr {...AS_ROW}>
              <Table.Th {...AS_COLUMN} w={180}>
                What
              </Table.Th>
              <Table.Th {...AS_COLUMN} w={140}>
                State
              </Table.Th>
              <Table.Th {...AS_COLUMN} w={90} ta="right">
                Of 100
              </Table.Th>
              <Table.Th {...AS_COLUMN}>What was found, and what to mend</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody {...AS_GROUP}>
            {sorted(fidelity.axes).map((axis) => (
              <AxisRow key={axis.name} axis={axis} />
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </div>
  );
}

function AxisRow({ axis }: { axis: Axis }) {
  const { word, tone } = STATUS_WORDS[axis.status];
  const fix = fixOf(axis);
  return (
    <Table.Tr {...AS_ROW}>
      <Table.Th role="rowheader" scope="row" fw={550}>
        {AXIS_NAMES[axis.name]}
      </Table.Th>
      <Table.Td {...AS_CELL}>
        <ToneBadge tone={tone}>{word}</ToneBadge>
      </Table.Td>
      <Table.Td {...AS_CELL} ta="right" className="numbers">
        {axis.score ?? UNKNOWN}
      </Table.Td>
      <Table.Td {...AS_CELL}>
        <SafeText text={axis.detail} />
        {fix !== null && <div className={classes['fix']}>{fix}</div>}
      </Table.Td>
    </Table.Tr>
  );
}

/** What needs mending first; what does not apply last. */
function sorted(axes: readonly Axis[]): readonly Axis[] {
  const place = (axis: Axis) => (axis.status === 'not_applicable' ? 1_000 : (axis.score ?? 500));
  return [...axes].sort((a, b) => place(a) - place(b));
}
