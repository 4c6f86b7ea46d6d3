/** Most bytes of UTF-8 that a sensor id has. */
export const maxSensorIdBytes = 128;

/** What is accepted as a sensor id, for messages. */
export const acceptedSensorId = `a text of 1 to ${maxSensorIdBytes} bytes of UTF-8 without control or invisible characters and none beyond U+FFFF, such as emoji, other than . and ..; or a whole number`;

/** Most ids: printable ASCII, no space at an end. Such a text is canonical as it is. */
const plainAscii = /^[!-~](?:[ -~]{0,126}[!-~])?$/;
/** File systems and some clients of S3 resolve them as they go. */
const wayUp = /^\.\.?$/;
/**
 * Controls, unassigned and private characters, what shows nothing, and white space but for the space itself. Persian and Indian
 * names are written with the joiners.
 */
const unseen = /[[\p{C}\p{Default_Ignorable_Code_Point}\p{Z}]--[ \u200c\u200d]]/v;
/** Stands where a program could not decode a character: two stations could have become one. */
const replacement = '\ufffd';

/**
 * The canonical form of a sensor's id, by which a series is known everywhere: Unicode NFC, without white space at the ends. A whole
 * number is its decimal text, as JSON has lost any other way in which it was written.
 *
 * Every character is of the Basic Multilingual Plane, so that code units sort as the bytes of UTF-8 do: sets, Parquet's bounds and
 * DynamoDB's keys are in one order.
 * @returns the id, or what is wrong with it
 */
export function readSensorId(given: string | number): { readonly id: string } | { readonly fault: string } {
  if (typeof given === 'number') {
    if (Number.isSafeInteger(given)) return { id: String(given + 0) }; // -0 + 0 is 0
    return { fault: 'a number that is not whole, or too large to be exact: write it as a text' };
  }
  if (wayUp.test(given.trim())) return { fault: 'in a path it stands for another folder' };
  if (plainAscii.test(given)) return { id: given };
  // Before it is looked at: normalizing a text of a megabyte takes long.
  if (given.length > 16 * maxSensorIdBytes) return { fault: `it has over ${maxSensorIdBytes} bytes` };
  const id = given.trim().normalize('NFC');
  if (id === '') return { fault: 'it is empty' };
  const odd = unseen.exec(id)?.[0] ?? /[\u{10000}-\u{10ffff}]/u.exec(id)?.[0];
  if (odd !== undefined) return { fault: `it holds ${codePoint(odd)}` };
  if (id.includes(replacement)) return { fault: 'it holds U+FFFD, a character that was lost before' };
  const bytes = Buffer.byteLength(id);
  if (bytes > maxSensorIdBytes) return { fault: `it has ${bytes} bytes` };
  return { id };
}

/** The canonical id; `undefined` when it can't be one. */
export function canonicalSensorId(given: string | number): string | undefined {
  const read = readSensorId(given);
  return 'id' in read ? read.id : undefined;
}

function codePoint(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `U+${hex}`;
}
