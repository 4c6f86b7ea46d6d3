import { gzipSync } from 'node:zlib';
import { changed, type Draft, draftOf, type Mutation, withDaysSwapped } from './mutations.ts';
import type { Original, Truth } from './originals.ts';

/** Text of a file, with the truths of its parts. */
interface Part {
  readonly text: string;
  readonly truth: Truth | undefined;
}

function csvLine({ delimiter, quoting }: Draft, cells: readonly string[]): string {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  if (quoting !== 'where needed')
    return cells.map(quoted).join(quoting === 'all' ? delimiter : `${delimiter} `);
  return cells
    .map((text) => (text.includes(delimiter) || text.includes('"') ? quoted(text) : text))
    .join(delimiter);
}

function jsonLine({ header, original }: Draft, cells: readonly string[]): string {
  const members = cells.flatMap((text, column) => {
    const name = header?.[column] ?? original.header[column] ?? '';
    if (text === '') return [];
    const isNumber =
      original.kinds[original.header.indexOf(name)] === 'measure' && /^-?\d+(\.\d+)?$/.test(text);
    return [`${JSON.stringify(name)}:${isNumber ? text : JSON.stringify(text)}`];
  });
  // A damaged file has the byte itself, not the escape of it.
  return `{${members.join(',')}}`.replaceAll('\\u0000', '\0');
}

const lineEnds = { LF: ['\n'], CRLF: ['\r\n'], CR: ['\r'], mixed: ['\n', '\r\n', '\r'] } as const;
export type LineEnds = keyof typeof lineEnds;

function partsOf(draft: Draft, ends: LineEnds, isTerminated: boolean): Part[] {
  const { original, preface, header, rows, joined } = draft;
  const isCsv = original.format === 'csv';
  const lines: Part[] = isCsv
    ? [...preface, ...(header ? [csvLine(draft, header)] : [])].map((text) => ({ text, truth: undefined }))
    : [];
  for (const { cells, truth, raw } of rows)
    lines.push({ text: raw ?? (isCsv ? csvLine(draft, cells) : jsonLine(draft, cells)), truth });
  if (!isCsv && joined === 'array')
    return [{ text: '[', truth: undefined }, ...lines.flatMap((part, at) => (at === 0 ? [part] : [{ text: ',', truth: undefined }, part])), { text: ']\n', truth: undefined }];
  if (!isCsv && joined === 'unseparated') return lines;
  const choices = lineEnds[ends];
  return lines.flatMap((part, at) =>
    at === lines.length - 1 && !isTerminated ? [part] : [part, { text: choices[at % choices.length] ?? '\n', truth: undefined }],
  );
} // biome-ignore format: a step a line

export const encodings = ['UTF-8', 'UTF-8 with a mark', 'Latin-1', 'UTF-16LE', 'UTF-16LE with a mark', 'UTF-16BE', 'UTF-16BE with a mark'] as const; // biome-ignore format: a list
type Encoding = (typeof encodings)[number];

function encoded(text: string, encoding: Encoding): Buffer {
  if (encoding === 'Latin-1') return Buffer.from(text, 'latin1');
  if (encoding.startsWith('UTF-8')) return Buffer.from(text);
  const little = Buffer.from(text, 'utf16le');
  return encoding.startsWith('UTF-16LE') ? little : little.swap16();
}

/** Bytes from `from` to `to` of the uncompressed file. */
export interface Place {
  readonly truth: Truth;
  readonly from: number;
  readonly to: number;
  /** Some of it is cut off, or something else is glued to it: what is read there nobody can tell from a row. */
  readonly isBroken: boolean;
}

/** Bytes of a file, and where its readings are. */
export interface Written {
  readonly bytes: Buffer;
  readonly places: readonly Place[];
  /** Where it is cut, or another file is glued to it. */
  readonly seams: readonly number[];
}

/** A plan of a mutated file, as fast-check shows it. */
export interface Plan {
  readonly original: Original;
  readonly changes: readonly Mutation[];
  readonly ends: LineEnds;
  readonly isTerminated: boolean;
  readonly encoding: Encoding;
  /** 0 to 1 of the bytes that stay at the start, 1 for all. */
  readonly kept: number;
  /** Nothing is cut off it, and nothing glued to it. */
  readonly isAlone: boolean;
  /** Its end is all that is left of it. */
  readonly isCutAtStart: boolean;
  /** What it is compressed to is cut. */
  readonly isCutBehind: boolean;
}

export function write(plan: Plan): Written {
  const { original, changes, ends, isTerminated, encoding, kept } = plan;
  const isWhole = kept === 1 && !plan.isCutAtStart && !plan.isCutBehind;
  // Of the rows that are left after a cut perhaps none tells, or too few for more than a slip; and of two columns of a name one.
  const isUntold = (change: Mutation) =>
    change.kind === 'shuffle cells, not the header' ||
    (change.kind === 'rename a column' && change.to === 'another one');
  const told = isWhole ? changes : changes.filter((change) => !isUntold(change));
  let draft = told.reduce(changed, draftOf(original));
  if (changes.some(({ kind }) => kind === 'swap day and month') && isWhole)
    draft = withDaysSwapped(draft, plan.isAlone ? (original.format === 'csv' ? 1 : 2) : 3);
  const mark = encoding.endsWith('mark') ? encoded('\ufeff', encoding) : Buffer.alloc(0);
  const pieces = [mark];
  const places: Place[] = [];
  let at = mark.length;
  for (const { text, truth } of partsOf(draft, ends, isTerminated)) {
    const bytes = encoded(text, encoding);
    if (truth) places.push({ truth, from: at, to: at + bytes.length, isBroken: false });
    pieces.push(bytes);
    at += bytes.length;
  }
  return cutEnd({ bytes: Buffer.concat(pieces), places, seams: [] }, kept);
}

/** The start of a file. */
function cutEnd({ bytes, places }: Written, kept: number): Written {
  const end = Math.round(bytes.length * kept);
  const left = places.filter(({ from }) => from < end);
  const seams = end < bytes.length ? [end] : [];
  return { bytes: bytes.subarray(0, end), seams, places: left.map((place) => ({ ...place, isBroken: place.isBroken || place.to > end })) };
} // biome-ignore format: short

/** One file behind another. `skipped`: 0 to 1 of the second one's bytes that are left out at its start. */
export function glue(first: Written, second: Written, skipped: number): Written {
  const from = Math.round(second.bytes.length * skipped);
  const shift = first.bytes.length - from;
  const bytes = Buffer.concat([first.bytes, second.bytes.subarray(from)]);
  const seam = first.bytes.length;
  const isOnSeam = (place: { from: number; to: number }) => {
    const [start, end] = [Math.min(place.from, seam), Math.max(place.to, seam)];
    return !/[\r\n]/.test(bytes.toString('latin1', start, end));
  };
  const moved = second.places.filter(({ to }) => to > from).map((place) => ({ ...place, from: Math.max(seam, place.from + shift), to: place.to + shift, isBroken: place.isBroken || place.from < from }));
  const places = [...first.places, ...moved].map((place) => ({ ...place, isBroken: place.isBroken || isOnSeam(place) }));
  return { bytes, places, seams: [...first.seams, seam, ...second.seams.map((at) => Math.max(seam, at + shift))] };
} // biome-ignore format: short

export const compressions = [
  'none',
  'gzip',
  'double gzip',
  'cut gzip',
  'two members',
  'text behind',
] as const;

/** gzip in one of the ways in which it comes. `share` is where the compressed bytes are cut, or the file is parted. */
export function compress(bytes: Buffer, way: (typeof compressions)[number], share: number): Buffer {
  if (way === 'none') return bytes;
  const at = Math.round(bytes.length * share);
  const [start, rest] = [bytes.subarray(0, at), bytes.subarray(at)];
  if (way === 'two members') return Buffer.concat([gzipSync(start), gzipSync(rest)]);
  if (way === 'text behind') return Buffer.concat([gzipSync(start), rest]);
  const once = gzipSync(bytes);
  if (way === 'gzip') return once;
  // Of less than two bytes nobody can tell that it was gzip.
  return way === 'double gzip'
    ? gzipSync(once)
    : once.subarray(0, Math.max(2, Math.round(once.length * share)));
}
