import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';

/* The ids of a page's series, each as the number of bytes that it shares with the one before, and its others. */

export function writeIds(out: ByteWriter, ids: readonly string[]): void {
  let before = Buffer.alloc(0);
  for (const each of ids) {
    const id = Buffer.from(each);
    const shared = sharedStart(before, id);
    out.varint(shared);
    out.varint(id.length - shared);
    out.append(id.subarray(shared));
    before = id;
  }
}

/** The ids that are wanted: one, or those that a set has. */
export type WantedIds = string | Pick<ReadonlySet<string>, 'has'>;

/** Ids that are wanted, and which of the page's series they are. */
export interface Ids {
  readonly ids: string[];
  readonly rows: number[];
}

/**
 * Reads what {@link writeIds} writes.
 * @param length how many there are
 * @param only those that are wanted
 * @throws {RangeError} where the page ends before they do, or an id can't be what is there
 */
export function readIds(reader: ByteReader, page: Buffer, length: number, only: WantedIds | undefined): Ids {
  if (typeof only === 'string') return findId(reader, page, length, only);
  const found: Ids = { ids: [], rows: [] };
  let before = Buffer.alloc(0);
  /** The id before, while all bytes of all ids are characters: then what two ids share is a part of a text. */
  let text: string | undefined = '';
  let size = 0;
  for (let row = 0; row < length; row++) {
    const shared = sharedWith(size, reader);
    const end = endOfId(reader, page);
    size = shared + end - reader.at;
    if (text !== undefined && isAscii(page, reader.at, end))
      text = text.slice(0, shared) + page.toString('latin1', reader.at, end);
    else {
      if (text !== undefined) before = Buffer.from(text, 'latin1');
      text = undefined;
      before = Buffer.concat([before.subarray(0, shared), page.subarray(reader.at, end)]);
    }
    reader.at = end;
    const id = text ?? before.toString();
    if (only?.has(id) === false) continue;
    found.ids.push(id);
    found.rows.push(row);
  }
  return found;
}

/** Looks for one id by its bytes: of a year of pages nothing but it is made a text. */
function findId(reader: ByteReader, page: Buffer, length: number, id: string): Ids {
  const wanted = Buffer.from(id);
  const rows: number[] = [];
  /** So many first bytes of the id before are those of the wanted one. */
  let alike = 0;
  let size = 0;
  for (let row = 0; row < length; row++) {
    const shared = sharedWith(size, reader);
    const end = endOfId(reader, page);
    size = shared + end - reader.at;
    if (shared <= alike) {
      alike = shared;
      for (let at = reader.at; at < end && alike < wanted.length && page[at] === wanted[alike]; at++) alike++;
    }
    if (alike === wanted.length && size === alike) rows.push(row);
    reader.at = end;
  }
  return { ids: rows.map(() => id), rows };
}

/** How many bytes an id shares with the one before, which has so many. */
function sharedWith(size: number, reader: ByteReader): number {
  const shared = reader.varint();
  if (shared > size) throw new RangeError('an id shares more than there is');
  return shared;
}

/** Where the bytes of an id end, of which the length is read first. */
function endOfId(reader: ByteReader, page: Buffer): number {
  const end = reader.varint() + reader.at;
  if (end > page.length) throw new RangeError('the page ends too early');
  return end;
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at] as number) > 127) return false; // within its bounds
  return true;
}

function sharedStart(a: Uint8Array, b: Uint8Array): number {
  let shared = 0;
  while (shared < b.length && a[shared] === b[shared]) shared++; // behind a there is no byte that is one of b
  return shared;
}
