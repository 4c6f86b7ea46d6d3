import { messageOf } from '../../ports/faults.ts';

/** An item of a map that was not processed, for people to read. */
export interface FailedItem {
  /** The key of a raw object, or what was to be merged. */
  item: string;
  error: string;
  /** In one line, by `faultMessage`. */
  cause: string;
}

/** Items of a map that failed: how many, of how many, and the first of them. */
export interface FailedItems {
  failed: number;
  total: number;
  first: readonly FailedItem[];
}

/** What an execution fails with, under the names that ASL gives to a caught error. */
export interface Failure {
  Error: string;
  Cause: string;
}

/**
 * Failed items that are named in the state and in a cause: 20 keys of 1,024 bytes with causes of 1,000 characters, which may be three bytes
 * each, are 80 KiB of the state's 256.
 */
export const maxNamedFailures = 20;
/** Characters of a fault's message that are kept of each: one that names an object and the command that mends it has some 500. */
const maxMessageLength = 1_000;
/** Characters of a cause; Step Functions takes 32,768. */
const maxCauseLength = 8_000;

/** The message of a fault in one line. */
export function faultMessage(cause: string): string {
  const line = messageOf(cause).replace(/\s+/g, ' ').trim();
  return line.length > maxMessageLength ? `${line.slice(0, maxMessageLength)}…` : line;
}

/**
 * The failure of a job of which items failed, `undefined` where none did. Its cause names the first of them with error and
 * cause, as many as have room. Where merges failed too, the error has its name by them: they keep from the statistics what was valid.
 */
export function failureOf(failed: { segments: FailedItems; merges: FailedItems }): Failure | undefined {
  const causes = [
    ...(failed.merges.failed > 0 ? [causeOf('merges', failed.merges)] : []),
    ...(failed.segments.failed > 0 ? [causeOf('segments', failed.segments)] : []),
  ];
  if (causes.length === 0) return undefined;
  return {
    Error: failed.merges.failed > 0 ? 'MergesFailed' : 'SegmentsFailed',
    Cause: causes.join('; also '),
  };
}

function causeOf(what: string, { failed, total, first }: FailedItems): string {
  const named: string[] = [];
  let room = maxCauseLength / 2;
  for (const { item, error, cause } of first) {
    const text = `${item}: ${error}${cause === '' ? '' : `: ${cause}`}`;
    room -= text.length;
    if (named.length > 0 && room < 0) break;
    named.push(text);
  }
  const more = failed > named.length ? `; and ${failed - named.length} more` : '';
  return `${failed} of ${total} ${what} failed: ${named.join('; ')}${more}`;
}
