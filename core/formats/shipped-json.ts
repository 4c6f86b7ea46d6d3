import type { JsonFormat, LongPaths } from './json-format.ts';
import type { DocumentedNumbers } from './shipped-format.ts';

/** What of a shipped format is the owner's to say: which files or lines, and where the measures are. */
type Given = Partial<Omit<JsonFormat, 'kind' | 'time'>> & {
  /** Of times without an offset: an IANA name, or `+01:00` for a clock that is never changed. */
  readonly zone?: string;
  /** As `time.shift`. */
  readonly shift?: string;
  /** As `time.format`, where the sender can be set to another. */
  readonly timeFormat?: string;
  /** As `time.path`, where it is the owner's to say. */
  readonly timePath?: NonNullable<JsonFormat['time']>['path'];
  /** Of a format of records of one value each: as `long.parameters`. */
  readonly parameters?: LongPaths['parameters'];
};

/** How one service writes JSON: a file under `formats/`. */
interface ShippedJsonDefinition {
  /** Lower case letters, digits and hyphens: the name of its file. */
  readonly name: string;
  /** As its maker calls it. */
  readonly title: string;
  /** What it is and what its owner has to say, for someone who has some: a paragraph. */
  readonly about: string;
  /** Whether a file that begins with this text, decoded and without a byte order mark, is of this format and of no other. */
  recognises(start: string): boolean;
  /** As of a table: what is known of its numbers. */
  readonly numbers?: DocumentedNumbers;
  /** What all of it has in common; the files are the owner's to name. */
  readonly format: Omit<JsonFormat, 'match'>;
}

export interface ShippedJsonFormat extends ShippedJsonDefinition {
  /** The format as a dataset's `formats` takes it. Without `match` it reads the lines of the stream that its `when` takes. */
  with(given?: Given): JsonFormat;
}

/** A format of JSON that many send, so that a dataset names it: `formats: [chirpstack.with({ match: '*.ndjson' })]`. */
export function shippedJson(definition: ShippedJsonDefinition): ShippedJsonFormat {
  const { format } = definition;
  return {
    ...definition,
    with: ({ zone, shift, timeFormat, timePath, parameters, fields, ...given } = {}) => ({
      ...format,
      ...given,
      ...(format.time && {
        time: {
          ...format.time,
          ...(timePath !== undefined && { path: timePath }),
          ...(timeFormat !== undefined && { format: timeFormat }),
          ...(zone !== undefined && { zone }),
          ...(shift !== undefined && { shift }),
        },
      }),
      ...(format.long && parameters && { long: { ...format.long, parameters } }),
      fields: { ...format.fields, ...fields },
    }),
  };
}
