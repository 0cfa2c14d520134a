import { Select, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { FilterSearch } from '@/shared/filter';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { visible } from '@/shared/safeText';
import { fromLocalInput, toLocalInput } from '@/shared/words';
import { facetsQuery } from './queries';

interface FilterFieldsProps {
  readonly project: string;
  readonly filter: FilterSearch;
  readonly onFilter: (change: FilterSearch) => void;
}

/** Every filter there is, with what the project holds to choose from. */
export function FilterFields({ project, filter, onFilter }: FilterFieldsProps) {
  const facets = useQuery(facetsQuery(project));
  const choices = facets.data;
  return (
    <Stack gap="xs">
      {facets.isError && <ProblemNotice error={facets.error} />}
      <Select
        label="Errors"
        data={[
          { value: 'yes', label: 'Only with errors' },
          { value: 'no', label: 'Only without errors' },
        ]}
        placeholder="Either"
        clearable
        value={filter.error ?? null}
        onChange={(value) =>
          onFilter({ error: value === 'yes' || value === 'no' ? value : undefined })
        }
        comboboxProps={{ withinPortal: false }}
      />
      <Choice
        label="Tool"
        from={choices?.tools}
        value={filter.tool}
        onChoose={(tool) => onFilter({ tool })}
      />
      <Choice
        label="Agent"
        from={choices?.agents}
        value={filter.agent}
        onChoose={(agent) => onFilter({ agent })}
      />
      <Choice
        label="Agent version"
        from={choices?.agent_versions}
        value={filter.version}
        onChoose={(version) => onFilter({ version })}
      />
      <Choice
        label="Model"
        from={choices?.models}
        value={filter.model}
        onChoose={(model) => onFilter({ model })}
      />
      <Choice
        label="Tag"
        from={choices?.tags}
        value={filter.tag}
        onChoose={(tag) => onFilter({ tag })}
      />
      <Words
        label="User"
        placeholder="user-ana"
        value={filter.user}
        onWords={(user) => onFilter({ user })}
      />
      <Words
        label="Metadata"
        placeholder="key=value"
        value={filter.label?.[0]}
        onWords={(label) => onFilter({ label: label ? [label] : undefined })}
      />
      <TextInput
        type="datetime-local"
        label="Started from"
        value={toLocalInput(filter.since)}
        onChange={(event) =>
          onFilter({ last: undefined, since: fromLocalInput(event.currentTarget.value) })
        }
      />
      <TextInput
        type="datetime-local"
        label="Started before"
        value={toLocalInput(filter.until)}
        onChange={(event) =>
          onFilter({ last: undefined, until: fromLocalInput(event.currentTarget.value) })
        }
      />
    </Stack>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly from: readonly string[] | undefined;
  readonly value: string | undefined;
  readonly onChoose: (value: string | undefined) => void;
}

/** One of what the project holds; nothing is shown where it holds nothing of the kind. */
function Choice({ label, from, value, onChoose }: ChoiceProps) {
  const known = [...new Set([...(from ?? []), ...(value === undefined ? [] : [value])])];
  if (known.length === 0) return null;
  return (
    <Select
      label={label}
      data={known.map((one) => ({ value: one, label: visible(one) }))}
      placeholder="Any"
      searchable={known.length > 8}
      clearable
      value={value ?? null}
      onChange={(chosen) => onChoose(chosen ?? undefined)}
      comboboxProps={{ withinPortal: false }}
    />
  );
}

interface WordsProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string | undefined;
  readonly onWords: (value: string | undefined) => void;
}

/** Words that are taken when they are complete: on Enter, or when the field is left. */
function Words({ label, placeholder, value, onWords }: WordsProps) {
  const [draft, setDraft] = useState(value ?? '');
  const take = () => {
    const words = draft.trim() || undefined;
    if (words !== value) onWords(words);
  };
  return (
    <TextInput
      label={label}
      placeholder={placeholder}
      value={draft}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={take}
      onKeyDown={(event) => event.key === 'Enter' && take()}
    />
  );
}
