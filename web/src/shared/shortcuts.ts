/** Keyboard shortcuts: pages register theirs while they are shown; `?` lists what there is. */
import { useEffect, useRef, useSyncExternalStore } from 'react';

export interface Shortcut {
  /** A key as in `KeyboardEvent.key`, or two of them with a space between: `g s`. */
  readonly keys: string;
  readonly does: string;
  readonly run: () => void;
}

const KEPT = 'reenact.shortcuts';
const SECOND_KEY_MS = 1_000;

let groups: ReadonlyMap<symbol, readonly Shortcut[]> = new Map();
let on = localStorage.getItem(KEPT) !== 'off';
let first: { key: string; at: number } | null = null;
const watchers = new Set<() => void>();

function changed(): void {
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Registers shortcuts while the calling component is shown. Later ones win over earlier ones. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  const names = shortcuts.map((shortcut) => `${shortcut.keys}\n${shortcut.does}`).join('\n\n');
  useEffect(() => {
    const id = Symbol('shortcuts');
    const live = latest.current.map((shortcut, index) => ({
      ...shortcut,
      run: () => latest.current[index]?.run(),
    }));
    groups = new Map(groups).set(id, live);
    changed();
    return () => {
      const left = new Map(groups);
      left.delete(id);
      groups = left;
      changed();
    };
  }, [names]);
}

/** What can be pressed now, for the list of `?`. */
export function useShortcutList(): readonly Shortcut[] {
  const now = useSyncExternalStore(watch, () => groups);
  return [...now.values()].flat();
}

export function useShortcutsOn(): readonly [boolean, (value: boolean) => void] {
  const now = useSyncExternalStore(watch, () => on);
  return [now, setOn];
}

function setOn(value: boolean): void {
  on = value;
  localStorage.setItem(KEPT, value ? 'on' : 'off');
  changed();
}

/** Handles a key press; exported for the tests. */
export function pressed(event: KeyboardEvent): void {
  if (!on || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target) || document.querySelector('[role="dialog"]') !== null) return;
  const before = first && event.timeStamp - first.at < SECOND_KEY_MS ? `${first.key} ` : '';
  first = null;
  const all = [...groups.values()].flat().reverse();
  const found =
    all.find((shortcut) => shortcut.keys === before + event.key) ??
    all.find((shortcut) => shortcut.keys === event.key);
  if (found) {
    event.preventDefault();
    found.run();
  } else if (all.some((shortcut) => shortcut.keys.startsWith(`${event.key} `))) {
    first = { key: event.key, at: event.timeStamp };
  }
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.closest('input:not([type="checkbox"]), textarea, select, [role="combobox"]') !== null
  );
}

/** Listens to the keyboard; once, in the shell. */
export function useKeyboard(): void {
  useEffect(() => {
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, []);
}
