import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import type { TargetChoice } from '@/api/types';
import { visible } from '@/shared/safeText';
import { ToneNote } from '@/shared/Tone';
import type { Choices } from './asked';
import classes from './replay.module.css';

interface AgentFieldsProps {
  readonly targets: readonly TargetChoice[];
  readonly choices: Choices;
  readonly onChange: (changed: Partial<Choices>) => void;
}

/** Which agent: one that the server lists, or an endpoint. */
export function AgentFields({ targets, choices, onChange }: AgentFieldsProps) {
  const isEndpoint = choices.targetName === '';
  return (
    <div className={classes['fields']}>
      <NativeSelect
        className={classes['wide']}
        label="Agent to run"
        value={choices.targetName}
        onChange={(event) => onChange({ targetName: event.currentTarget.value })}
        data={[
          ...targets.map(({ name, shown }) => ({
            value: name,
            label: visible(name === shown ? name : `${name} – ${shown}`),
          })),
          { value: '', label: 'An HTTP endpoint' },
        ]}
      />
      {targets.length === 0 && (
        <div className={classes['wide']}>
          <ToneNote tone="info" title="This server lists no agents of its own">
            Start it with <code>reenact serve --agents FOLDER</code> to run Python functions and
            agent files from here; or name an endpoint below.
          </ToneNote>
        </div>
      )}
      {isEndpoint && (
        <>
          <TextInput
            className={classes['wide']}
            label="Address"
            placeholder="http://127.0.0.1:8000/chat"
            value={choices.url}
            onChange={(event) => onChange({ url: event.currentTarget.value })}
          />
          <NativeSelect
            label="What it speaks"
            value={choices.template}
            onChange={(event) =>
              onChange({ template: event.currentTarget.value as Choices['template'] })
            }
            data={[
              { value: 'json', label: 'JSON: message and session' },
              { value: 'openai', label: 'OpenAI chat completions' },
              { value: 'responses', label: 'OpenAI Responses' },
            ]}
          />
          <NativeSelect
            label="Its tools"
            value={choices.tools}
            onChange={(event) => onChange({ tools: event.currentTarget.value as Choices['tools'] })}
            data={[
              { value: 'returned', label: 'It hands its calls back to us' },
              { value: 'served', label: 'It asks our tool server' },
              { value: 'own', label: 'It runs them by itself' },
            ]}
          />
          <Textarea
            className={classes['wide']}
            label="Headers"
            description="One a line. Write secrets as ${NAME}: they are read from the server's environment and never stored."
            placeholder="Authorization: Bearer ${AGENT_TOKEN}"
            autosize
            minRows={1}
            value={choices.headers}
            onChange={(event) => onChange({ headers: event.currentTarget.value })}
          />
        </>
      )}
    </div>
  );
}
