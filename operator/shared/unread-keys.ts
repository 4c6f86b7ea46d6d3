import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { reaching } from '../../adapters/store-faults.ts';
import { countOf } from '../../cli/format.ts';
import { oneLine } from '../../cli/print.ts';
import { shellWord } from '../../core/shell-word.ts';
import type { Check } from './checks.ts';

/** What the raw bucket has by design: Firehose's objects, people's files, and records that Firehose could not deliver. */
const known: ReadonlySet<string> = new Set(['raw/', 'landing/', 'errors/']);
const shownPlaces = 5;

/**
 * Names objects of the raw bucket that nothing reads, since they lie neither under `raw/` nor under `landing/`: a folder with a capital letter, or a
 * key that begins with a slash. One call, of which at most a thousand places are told.
 */
export async function unreadKeysCheck(s3: S3Client, rawBucket: string): Promise<Omit<Check, 'name'>> {
  const { CommonPrefixes: folders = [], Contents: objects = [] } = await reaching(
    s3.send(new ListObjectsV2Command({ Bucket: rawBucket, Delimiter: '/' })),
  );
  const places = [
    ...folders.map(({ Prefix: prefix = '' }) => prefix).filter((prefix) => !known.has(prefix)),
    ...objects.map(({ Key: key = '' }) => key),
  ];
  if (places.length === 0) return { state: 'ok', text: 'none outside of raw/, landing/ and errors/' };
  const shown = places.slice(0, shownPlaces).map((place) => oneLine(shellWord(place)));
  const more = places.length > shownPlaces ? ', …' : '';
  return {
    state: 'fail',
    text: `nothing reads what lies under ${countOf(places.length, 'other place')} of s3://${rawBucket}: ${shown.join(', ')}${more}`,
    fix: 'npm run caudal -- upload FILE --dataset NAME puts a file under its key; then delete what lies elsewhere',
  };
}
