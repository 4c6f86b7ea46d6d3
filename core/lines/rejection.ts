import type { Dataset } from '../dataset/dataset.ts';
import type { Rejected, RejectReason } from '../dataset/reading.ts';

/** A rejection, with the field, what was found and what is accepted. */
export function rejected(reason: RejectReason, detail: string): Rejected {
  return { kind: 'rejected', reason, detail };
}

/** The rejection of a dataset's name that nothing defines. */
export function unknownDataset(name: unknown, datasets: readonly Dataset[]): Rejected {
  const accepted = datasets.map((dataset) => dataset.name).join(', ');
  return rejected('unknown-dataset', `dataset is ${show(name)}; accepted: ${accepted}`);
}

/** A value as it is told in a detail: at most 80 characters. */
export function show(value: unknown): string {
  if (value === undefined) return 'missing';
  // Of a text of a mebibyte no more is looked at than is shown.
  const text =
    typeof value === 'number'
      ? String(value)
      : encode(typeof value === 'string' ? value.slice(0, 100) : value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** JSON.parse takes any depth, JSON.stringify only what fits the stack: a line of brackets must not be a fault. */
function encode(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return `${Array.isArray(value) ? 'an array' : 'an object'}, nested too deeply to be shown`;
  }
}

/** By byte, its character. */
const western = new TextDecoder('windows-1252').decode(Uint8Array.from({ length: 256 }, (_, byte) => byte));

/** Bytes that are not UTF-8, as spreadsheets of western languages mean them. */
export const asWestern = (bytes: Uint8Array): string => new TextDecoder('windows-1252').decode(bytes);

/** As much of them as a detail shows. To decode a few bytes takes longer than to look them up. */
export function shownAsWestern(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length && at < 100; at++) text += western[bytes[at] as number]; // a byte
  return show(text);
}
