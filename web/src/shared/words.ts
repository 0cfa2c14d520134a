/** Numbers, durations and times in words. Unknown is `–`, never 0 and never nothing. */
export const UNKNOWN = '–';

const WHOLE = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? UNKNOWN : WHOLE.format(value);
}

/** `1 session`, `2 sessions`. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

/** A duration: `0.4 ms`, `85 ms`, `1.20 s`, `2 min 05 s`, `3 h 20 min`. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return UNKNOWN;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (ms < 59_995) return `${(ms / 1_000).toFixed(ms < 9_995 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

const two = (value: number) => String(value).padStart(2, '0');

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const DAY_OF_YEAR = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const CLOCK_S = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** When something was, short: `14:03` today, `2 Mar 14:03` this year, `2 Mar 2024` before. */
export function when(iso: string | null | undefined, now = new Date()): string {
  if (!iso) return UNKNOWN;
  const at = new Date(iso);
  if (at.toDateString() === now.toDateString()) return CLOCK.format(at);
  if (at.getFullYear() === now.getFullYear()) return `${DAY.format(at)} ${CLOCK.format(at)}`;
  return DAY_OF_YEAR.format(at);
}

/** The time of day, to the second: `14:03:20`. */
export function clock(iso: string | null | undefined): string {
  return iso ? CLOCK_S.format(new Date(iso)) : UNKNOWN;
}

/** When something was, in full: `2 Mar 2024, 14:03:20`. */
export function whenInFull(iso: string | null | undefined): string {
  if (!iso) return UNKNOWN;
  const at = new Date(iso);
  return `${DAY_OF_YEAR.format(at)}, ${CLOCK_S.format(at)}`;
}

/** How long from one time to another. */
export function between(from: string | null, until: string | null): string {
  return from && until ? duration(Date.parse(until) - Date.parse(from)) : UNKNOWN;
}

/** Money: `$0.0012`; more digits the smaller it is. */
export function money(amount: number | null | undefined, currency = 'USD'): string {
  if (amount === null || amount === undefined) return UNKNOWN;
  const digits = amount === 0 || amount >= 1 ? 2 : amount >= 0.01 ? 3 : 5;
  const sign = currency === 'USD' ? '$' : `${currency} `;
  return `${sign}${amount.toFixed(digits)}`;
}

/** A time as an input of type `datetime-local` holds it: in the reader's own time zone. */
export function toLocalInput(iso: string | undefined): string {
  if (!iso) return '';
  const at = new Date(iso);
  const here = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return here.toISOString().slice(0, 16);
}

/** The time in an input of type `datetime-local`; undefined where it is empty. */
export function fromLocalInput(value: string): string | undefined {
  return value === '' ? undefined : new Date(value).toISOString();
}
