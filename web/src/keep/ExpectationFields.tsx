import { Checkbox, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { SafeText } from '@/shared/SafeText';
import { type Draft, faultOf, isOfTool, KINDS } from './drafts';
import classes from './keep.module.css';

interface ExpectationFieldsProps {
  readonly draft: Draft;
  readonly onChange: (changed: Draft) => void;
}

/** One expectation: ticked to be kept, and editable. */
export function ExpectationFields({ draft, onChange }: ExpectationFieldsProps) {
  const set = (changed: Partial<Draft>) => onChange({ ...draft, ...changed });
  const fault = draft.isKept ? faultOf(draft) : null;
  const number = draft.key + 1;
  return (
    <fieldset className={classes['expectation']} data-off={!draft.isKept || undefined}>
      <legend className="unseen">Expectation {number}</legend>
      <Checkbox
        aria-label={`Keep expectation ${number}`}
        checked={draft.isKept}
        onChange={(event) => set({ isKept: event.currentTarget.checked })}
      />
      <div className={classes['fields']}>
        <NativeSelect
          aria-label={`Kind of expectation ${number}`}
          value={draft.kind}
          onChange={(event) => set({ kind: event.currentTarget.value as Draft['kind'] })}
          data={KINDS.map((kind) => ({ value: kind, label: kind.replaceAll('_', ' ') }))}
        />
        {isOfTool(draft.kind) ? (
          <>
            <TextInput
              aria-label={`Tool of expectation ${number}`}
              placeholder="tool"
              value={draft.tool}
              onChange={(event) => set({ tool: event.currentTarget.value })}
            />
            <TextInput
              aria-label={`Arguments of expectation ${number}`}
              placeholder="any arguments"
              value={draft.args}
              onChange={(event) => set({ args: event.currentTarget.value })}
            />
          </>
        ) : (
          <TextInput
            className={classes['words']}
            aria-label={`Words of expectation ${number}`}
            placeholder="words"
            value={draft.text}
            onChange={(event) => set({ text: event.currentTarget.value })}
          />
        )}
        <NumberInput
          aria-label={`Turn of expectation ${number}`}
          placeholder="any turn"
          min={0}
          value={draft.turn}
          onChange={(value) => set({ turn: value === '' ? '' : Number(value) })}
        />
        {fault !== null && (
          <div className={classes['fault']} role="alert">
            {fault}
          </div>
        )}
        {draft.reason !== null && (
          <div className={classes['reason']}>
            <SafeText text={draft.reason} as="inline" />
          </div>
        )}
      </div>
    </fieldset>
  );
}
