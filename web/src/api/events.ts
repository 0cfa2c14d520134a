/** Server-sent events: named events whose data is JSON. */
import { addressOf } from './client';

export interface EventsAsked<Name extends string> {
  /** The names of the events to hear; others are left alone. */
  readonly names: readonly Name[];
  readonly onEvent: (name: Name, data: unknown) => void;
  /** Called with false while the connection is lost (the browser connects again by itself). */
  readonly onConnected?: (connected: boolean) => void;
}

/** Listens to the events of a path until the returned function is called. */
export function listen<Name extends string>(
  path: string,
  parts: Readonly<Record<string, string>>,
  { names, onEvent, onConnected }: EventsAsked<Name>,
): () => void {
  const source = new EventSource(addressOf(path, { path: parts }), { withCredentials: true });
  source.onopen = () => onConnected?.(true);
  source.onerror = () => onConnected?.(false);
  for (const name of names) {
    source.addEventListener(name, (event: MessageEvent<string>) => {
      onEvent(name, JSON.parse(event.data));
    });
  }
  return () => source.close();
}
