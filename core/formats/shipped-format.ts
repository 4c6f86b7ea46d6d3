import type { LongDeclaration, TextFormat } from './text-format.ts';

/** What of a shipped format is the owner's to say: which files, whose clock, what the columns are. */
type Given = Pick<TextFormat, 'match'> &
  Partial<Omit<TextFormat, 'kind' | 'time' | 'long'>> & {
    /** Of the logger's clock: an IANA name, or `+01:00` where it is never changed. */
    readonly zone?: string;
    /** As `time.shift`. */
    readonly shift?: string;
    /** As `time.format`, where the maker's program lets its user choose. */
    readonly timeFormat?: string;
    /** Of a format of a value a row: as `long.parameters`. */
    readonly parameters?: LongDeclaration['parameters'];
  };

/** What the numbers of a column, a member or a parameter are, by the format's own documentation. */
export interface DocumentedNumber {
  readonly unit: string;
  /** What makes a number of the file one in the unit: 0.1 for tenths. Default 1. */
  readonly scale?: number;
  /** What stands for no measurement in it, as the file has it. */
  readonly nothing?: readonly (number | string)[];
}

/** By the name of a column, a member or a parameter, in which * may stand for any characters. A text is a unit. */
export type DocumentedNumbers = Readonly<Record<string, string | DocumentedNumber>>;

/** What the first lines of a file say of how it is written. */
interface ShownFormat {
  /** Beyond what all such files have in common. */
  readonly format?: Pick<TextFormat, 'header' | 'nothing' | 'sensorLine'>;
  /** The zone, as a text such as `UTC+01:00`. */
  readonly zone?: string | undefined;
  readonly numbers?: DocumentedNumbers;
}

/** How files of one maker or service are written: a file under `formats/`. */
interface ShippedDefinition {
  /** Lower case letters, digits and hyphens: the name of its file. */
  readonly name: string;
  /** As its maker calls it. */
  readonly title: string;
  /** What such files are and what their owner has to say, for someone who has one: a paragraph. */
  readonly about: string;
  /** Whether a file that begins with this text, decoded and without a byte order mark, is of this format and of no other. */
  recognises(start: string): boolean;
  /** The sensor that such a file's first lines name, where they do. */
  sensorOf?(start: string): string | undefined;
  /** What such a file's first lines say of it that is not the same in all of them. */
  shownBy?(start: string): ShownFormat | { readonly fault: string };
  /** What is known of the numbers of all such files, for who describes one: `inspect` writes it into the dataset. */
  readonly numbers?: DocumentedNumbers | undefined;
  /** What all such files have in common. */
  readonly format: Omit<TextFormat, 'match' | 'long'> & {
    readonly long?: Omit<LongDeclaration, 'parameters'>;
  };
}

export interface ShippedFormat extends ShippedDefinition {
  /** The format as a dataset's `formats` takes it. */
  with(given: Given): TextFormat;
}

/** A format that many have files of, so that a dataset names it: `formats: [toa5.with({ match: '*.dat', zone: '+01:00' })]`. */
export function shippedFormat(definition: ShippedDefinition): ShippedFormat {
  const { long, ...format } = definition.format;
  return {
    ...definition,
    with: ({ zone, shift, timeFormat, parameters = {}, columns, ...given }) => ({
      ...format,
      ...given,
      ...(format.time && {
        time: {
          ...format.time,
          ...(timeFormat !== undefined && { format: timeFormat }),
          ...(zone !== undefined && { zone }),
          ...(shift !== undefined && { shift }),
        },
      }),
      ...(long && { long: { ...long, parameters } }),
      columns: { ...format.columns, ...columns },
    }),
  };
}
