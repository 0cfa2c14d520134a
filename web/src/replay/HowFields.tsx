import { Checkbox, NativeSelect, NumberInput } from '@mantine/core';
import type { Choices } from './asked';
import classes from './replay.module.css';

interface HowFieldsProps {
  readonly choices: Choices;
  readonly onChange: (changed: Partial<Choices>) => void;
}

/** How it is run: who speaks for the user, how often, what it may take. */
export function HowFields({ choices, onChange }: HowFieldsProps) {
  const number = (value: number | string, least: number) => Math.max(least, Number(value) || least);
  return (
    <details className={classes['more']}>
      <summary>How it is run</summary>
      <div className={classes['fields']}>
        <NativeSelect
          label="The user"
          value={choices.policy}
          onChange={(event) => onChange({ policy: event.currentTarget.value as Choices['policy'] })}
          data={[
            { value: 'verbatim', label: 'says the recorded words to the end' },
            { value: 'strict', label: 'stops where they no longer fit' },
            { value: 'guided', label: 'says them where they fit' },
            { value: 'simulated', label: 'is played by a model' },
          ]}
        />
        <NativeSelect
          label="Mode"
          value={choices.mode}
          onChange={(event) => onChange({ mode: event.currentTarget.value as Choices['mode'] })}
          data={[
            { value: 'conversation', label: 'end to end' },
            { value: 'turn', label: 'each turn after the recorded ones' },
            { value: 'both', label: 'both, side by side' },
          ]}
        />
        <NativeSelect
          label="A read that nothing recorded answers"
          value={choices.onMiss}
          onChange={(event) => onChange({ onMiss: event.currentTarget.value as Choices['onMiss'] })}
          data={[
            { value: 'refuse', label: 'is refused' },
            { value: 'error_result', label: 'gets an error it may handle' },
            { value: 'simulate', label: 'gets a made-up result (needs a model)' },
          ]}
        />
        <NumberInput
          label="Repeats"
          min={1}
          max={100}
          value={choices.repeats}
          onChange={(value) => onChange({ repeats: number(value, 1) })}
        />
        <NumberInput
          label="Talks at once"
          min={1}
          max={1000}
          value={choices.concurrency}
          onChange={(value) => onChange({ concurrency: number(value, 1) })}
        />
        <NumberInput
          label="Turns at most"
          placeholder="no bound"
          min={1}
          value={choices.maxTurns}
          onChange={(value) => onChange({ maxTurns: value === '' ? '' : number(value, 1) })}
        />
        <Checkbox
          className={classes['wide']}
          label="Let the agent run tools for real that nobody intercepts"
          checked={choices.allowLiveTools}
          onChange={(event) => onChange({ allowLiveTools: event.currentTarget.checked })}
        />
      </div>
    </details>
  );
}
