/**
 * Text of telemetry is hostile until shown otherwise: it may hold markup, control characters,
 * marks that turn the direction of reading, or a megabyte. It is only ever rendered as text;
 * what a reader could not see is made visible, and what is long is cut.
 */

/** How many UTF-16 units are shown before "show all". */
export const SHOWN_AT_FIRST = 4_000;

export interface Cut {
  readonly text: string;
  readonly isCut: boolean;
}

/** A run of plain text, or one character that would not be seen, under the name it is shown by. */
export interface Piece {
  readonly text: string;
  /** What stands in the text there, in words; null for plain text. */
  readonly hidden: string | null;
}

const HIDDEN_NAMES: Readonly<Record<number, string>> = {
  0x00: 'NUL',
  0x07: 'BEL',
  0x08: 'BS',
  0x0b: 'VT',
  0x0c: 'FF',
  0x0d: 'CR',
  0x1b: 'ESC',
  0x7f: 'DEL',
  0xad: 'SHY',
  0x61c: 'ALM',
  0x180e: 'MVS',
  0x200b: 'ZWSP',
  0x200e: 'LRM',
  0x200f: 'RLM',
  0x2028: 'LSEP',
  0x2029: 'PSEP',
  0x202a: 'LRE',
  0x202b: 'RLE',
  0x202c: 'PDF',
  0x202d: 'LRO',
  0x202e: 'RLO',
  0x2060: 'WJ',
  0x2066: 'LRI',
  0x2067: 'RLI',
  0x2068: 'FSI',
  0x2069: 'PDI',
  0xfeff: 'BOM',
};

// Control characters but tab and newline; marks of direction; what has no width (the joiners of
// emoji and of Arabic and Indic scripts are left: they are part of honest words); lone halves of
// pairs; tags and the private planes' invisible letters.
const HIDDEN =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

/** Splits a text into what can be seen and what could not. */
export function pieces(text: string): readonly Piece[] {
  const whole = unified(text);
  const found: Piece[] = [];
  let from = 0;
  for (const { 0: character, index } of whole.matchAll(HIDDEN)) {
    if (index > from) found.push({ text: whole.slice(from, index), hidden: null });
    found.push({ text: character, hidden: nameOf(character) });
    from = index + character.length;
  }
  if (from < whole.length) found.push({ text: whole.slice(from), hidden: null });
  return found;
}

/** The text with everything unseen written out as `⟨RLO⟩`; for labels, titles and attributes. */
export function visible(text: string): string {
  return unified(text).replace(HIDDEN, (character) => `⟨${nameOf(character)}⟩`);
}

/** The visible text on one line, for cells of tables. */
export function oneLine(text: string, most = 300): string {
  const { text: start, isCut } = cut(text, most);
  const line = visible(start).replace(/\s+/g, ' ').trim();
  return isCut ? `${line}…` : line;
}

/** The first `most` units of a text, never half a character. */
export function cut(text: string, most = SHOWN_AT_FIRST): Cut {
  if (text.length <= most) return { text, isCut: false };
  const last = text.charCodeAt(most - 1);
  const isHigh = last >= 0xd800 && last <= 0xdbff;
  return { text: text.slice(0, isHigh ? most - 1 : most), isCut: true };
}

/**
 * A text in parts of at most `most` units, for browsers lay out one of a megabyte very slowly.
 * Parts end where lines do (that newline is left out), else after a space, else anywhere.
 */
export function parts(text: string, most = SHOWN_AT_FIRST): readonly string[] {
  const whole = unified(text);
  const found: string[] = [];
  let from = 0;
  while (whole.length - from > most) {
    const { text: piece } = cut(whole.slice(from, from + most + 1), most);
    const line = piece.lastIndexOf('\n');
    const space = piece.lastIndexOf(' ');
    const end = line >= 0 ? line : space >= 0 ? space + 1 : piece.length;
    found.push(piece.slice(0, end));
    from += line >= 0 ? end + 1 : end;
  }
  found.push(whole.slice(from));
  return found;
}

/** How large a text is in UTF-8, in words: `1.0 MB`. */
export function sizeInWords(text: string): string {
  return bytesInWords(new TextEncoder().encode(text).byteLength);
}

export function bytesInWords(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 999_950) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Lines end in one way here: a CR before a newline hides nothing. */
function unified(text: string): string {
  return text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text;
}

function nameOf(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  return HIDDEN_NAMES[point] ?? `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
}
