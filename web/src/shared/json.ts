/** Reading JSON for people: members, previews, and JSON that stands in a text. */
import { oneLine, visible } from './safeText';

/** Texts longer than this are not looked into. */
const MOST_PARSED = 200_000;
const PREVIEW = 120;

export interface Child {
  readonly key: string;
  readonly value: unknown;
}

export function isBranch(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

export function childrenOf(value: object): readonly Child[] {
  return Object.entries(value).map(([key, child]: [string, unknown]) => ({ key, value: child }));
}

export function sizeOf(value: object): number {
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

/** The object or list that a text holds; null where it is any other text. */
export function parsedJson(text: string): object | null {
  if (text.length > MOST_PARSED || !/^\s*[[{]/.test(text)) return null;
  try {
    const found: unknown = JSON.parse(text);
    return isBranch(found) && sizeOf(found) > 0 ? found : null;
  } catch {
    return null;
  }
}

/** A value on one line, as in `{order_id: "A-1001", total: 34.5}`. */
export function previewOf(value: unknown, most = PREVIEW): string {
  const words = preview(value, most, 2);
  return words.length > most ? `${words.slice(0, most)}…` : words;
}

function preview(value: unknown, most: number, depth: number): string {
  if (typeof value === 'string') return `"${oneLine(value, most)}"`;
  if (!isBranch(value)) return String(value);
  const isList = Array.isArray(value);
  if (depth === 0) return isList ? '[…]' : '{…}';
  const parts: string[] = [];
  let length = 0;
  for (const { key, value: child } of childrenOf(value).slice(0, most)) {
    const shown = preview(child, most, depth - 1);
    const part = isList ? shown : `${visible(key)}: ${shown}`;
    length += part.length;
    parts.push(part);
    if (length > most) break;
  }
  const words = parts.join(', ');
  return isList ? `[${words}]` : `{${words}}`;
}
