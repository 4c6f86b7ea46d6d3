import { type Dataset, filledFault } from '../dataset/dataset.ts';
import { landingKey, originOf } from './segment-origin.ts';

/** What files are called whose lines can be read, by what they hold. */
const contentTypes: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
  jsonl: 'application/x-ndjson',
  json: 'application/json',
};
const known = Object.keys(contentTypes)
  .map((name) => `.${name}`)
  .join(', ');

const maxKeyBytes = 1_024;

/** Where a file of a dataset lands, and as what. */
export interface LandingPlace {
  /** In the raw bucket. */
  readonly key: string;
  readonly contentType: string;
}

/**
 * Where a file lands, or why it can't be taken: by its name, and by what its dataset takes.
 * @param file.file its name, with folders only where there is no `sensorId`
 */
export function landingPlace(file: {
  dataset: Dataset;
  /** The series of lines that name none. */
  sensorId: string | undefined;
  file: string;
}): LandingPlace | { readonly fault: string } {
  const { dataset } = file;
  const filled = filledFault(dataset);
  if (filled !== undefined) return { fault: filled };
  const key = landingKey(file);
  const { fault, table, json } = originOf({ key }, [dataset]);
  const named = contentTypes[/\.([a-z]+)(?:\.gz)?$/i.exec(key)?.[1]?.toLowerCase() ?? ''];
  const contentType = named ?? (table && 'text/plain') ?? (json && 'application/json');
  if (contentType === undefined) return { fault: acceptedNames(dataset) };
  if (fault !== undefined) return { fault: fault.detail };
  if (new TextEncoder().encode(key).length > maxKeyBytes)
    return { fault: `its key would be longer than the ${maxKeyBytes} bytes that S3 takes: rename it` };
  return { key, contentType: key.endsWith('.gz') ? 'application/gzip' : contentType };
}

function acceptedNames({ name, formats = [] }: Dataset): string {
  const patterns = formats.flatMap(({ match }) => match);
  const more = patterns.length === 0 ? '' : `, or as a format of ${name} has it (${patterns.join(', ')})`;
  return `files are taken whose names end in ${known}${more}, each also with .gz`;
}
