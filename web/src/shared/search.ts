/**
 * The query of our URLs, in plain words: `?q=refund&tool=check_status&pick=a&pick=b`.
 *
 * Every route validates its own search with the readers below; what does not fit is left out, so
 * that an old or a mistyped link still opens its page.
 */
export type RawSearch = Readonly<Record<string, unknown>>;

/** Reads a query: a name that stands several times becomes a list. */
export function parseSearch(text: string): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = found[name];
    if (before === undefined) found[name] = value;
    else found[name] = [before, value].flat();
  }
  return found;
}

/** Writes a query; nothing is written for what is undefined, empty or false. */
export function stringifySearch(search: RawSearch): string {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (isWorthWriting(one)) asked.append(name, String(one));
    }
  }
  const text = asked.toString().replaceAll('%3A', ':').replaceAll('%2C', ',');
  return text ? `?${text}` : '';
}

function isWorthWriting(value: unknown): value is string | number | true {
  return (typeof value === 'string' && value !== '') || typeof value === 'number' || value === true;
}

/** A text that is not empty; of several the first. */
export function text(value: unknown): string | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof first === 'number' || typeof first === 'boolean') return String(first);
  return typeof first === 'string' && first !== '' ? first : undefined;
}

/** Several texts, each once; undefined for none. */
export function texts(value: unknown): readonly string[] | undefined {
  const all = (Array.isArray(value) ? (value as unknown[]) : [value]).map(text);
  const known = [...new Set(all.filter((one) => one !== undefined))];
  return known.length > 0 ? known : undefined;
}

/** `true`, or undefined. */
export function flag(value: unknown): true | undefined {
  return text(value) === 'true' ? true : undefined;
}

/** One of `choices`, or undefined. */
export function oneOf<T extends string>(value: unknown, choices: readonly T[]): T | undefined {
  const found = text(value);
  return choices.find((choice) => choice === found);
}

/** A whole number from 0 on, or undefined. */
export function whole(value: unknown): number | undefined {
  const found = text(value);
  return found !== undefined && /^\d{1,15}$/.test(found) ? Number(found) : undefined;
}

/** A time as in ISO 8601, as it was written; undefined for what is none. */
export function time(value: unknown): string | undefined {
  const found = text(value);
  return found !== undefined && !Number.isNaN(Date.parse(found)) ? found : undefined;
}
