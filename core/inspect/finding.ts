/**
 * How sure something is that was found in a file: the file shows it, it is likely and somebody should look at it, or the owner has said it.
 */
type Certainty = 'certain' | 'guessed' | 'asked';

/** One thing that was found out about a file. */
export interface Finding {
  /** What it is about: `encoding`, `time`, `measure airTemperature`. */
  readonly subject: string;
  readonly value: string;
  readonly certainty: Certainty;
  /** Why, in a sentence without its full stop. */
  readonly reason: string;
}

/** What only the owner of a file can know, and what is not described without. */
export interface Question {
  /** The answer that it asks for. */
  readonly subject: 'zone' | 'order' | 'sensor' | 'decimal';
  /** With what the file shows about it. */
  readonly text: string;
  /** What answers it on a command line: `--zone ZONE`. */
  readonly options: readonly string[];
  /** Answers that would do, where they can be listed. */
  readonly choices?: readonly string[];
}

/** What the owner of a file has said about it. */
export interface Answers {
  /** Of the clock: an IANA name, or an offset such as `+01:00`. */
  readonly zone?: string | undefined;
  /** Of days and months: an IANA name. */
  readonly timeZone?: string | undefined;
  readonly order?: 'day-first' | 'month-first' | 'year-first' | undefined;
  readonly sensorColumn?: string | undefined;
  /** Names with `{sensorId}` in them, of columns that are each a sensor's. */
  readonly sensorColumns?: readonly string[] | undefined;
  /** The series of all rows. */
  readonly sensorId?: string | undefined;
  readonly decimal?: '.' | ',' | undefined;
  /** Units by column. */
  readonly units?: Readonly<Record<string, string>> | undefined;
  /** The files that are written so; by default those with the ending of this one. */
  readonly match?: string | undefined;
}

export const certain = (subject: string, value: string, reason: string): Finding => ({
  ...{ subject, value, reason },
  certainty: 'certain',
});

export const guessed = (subject: string, value: string, reason: string): Finding => ({
  ...{ subject, value, reason },
  certainty: 'guessed',
});

export const asked = (subject: string, value: string): Finding => ({
  ...{ subject, value, reason: 'the owner says so' },
  certainty: 'asked',
});

/** Names for people: the first twenty, and how many more there are. */
export const listed = (names: readonly string[]): string =>
  names.length <= 20 ? names.join(', ') : `${names.slice(0, 20).join(', ')} and ${names.length - 20} more`;
