import { CloseButton, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';

interface SearchInputProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string | undefined;
  readonly onSearch: (words: string | undefined) => void;
  readonly className?: string | undefined;
}

const WAIT_MS = 300;

/** Words to search for; the page follows soon after the typing stops. `/` leads here. */
export function SearchInput({ label, placeholder, value, onSearch, className }: SearchInputProps) {
  const [draft, setDraft] = useState(value ?? '');
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    // The value came from elsewhere: the address, or a filter that was taken away.
    setSeen(value);
    if ((value ?? '') !== draft.trim()) setDraft(value ?? '');
  }
  const search = (words: string) => onSearch(words.trim() || undefined);
  const searchSoon = useDebouncedCallback(search, WAIT_MS);
  const searchNow = (words: string) => {
    // What still waits would lead back here from wherever the reader has gone meanwhile.
    searchSoon.cancel();
    search(words);
  };
  const clear = () => {
    setDraft('');
    searchNow('');
  };
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={placeholder}
      className={className}
      value={draft}
      leftSection={<IconSearch size={15} stroke={1.7} aria-hidden />}
      rightSection={
        draft && <CloseButton size="xs" aria-label="Clear the search" onClick={clear} />
      }
      onChange={(event) => {
        setDraft(event.currentTarget.value);
        searchSoon(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') searchNow(draft);
        if (event.key === 'Escape') {
          event.preventDefault(); // browsers empty the field, and the search would follow
          event.currentTarget.blur();
        }
      }}
    />
  );
}
