import { acceptedSensorId, canonicalSensorId } from '../core/dataset/sensor-id.ts';
import { parseDay } from '../core/time/calendar.ts';
import { durationMs, durationUnits, instantMs, numberOf, shareOf } from './numbers.ts';
import { UsageError } from './usage-error.ts';

/** One option, or one positional argument, of a verb. */
export interface Option<Value = unknown> {
  readonly isFlag: boolean;
  /** For `--help`. */
  readonly help: string;
  /** One letter: `h` for `-h`. */
  readonly short?: string | undefined;
  /** What stands for the value in `--help`: `FILE`. */
  readonly valueName: string;
  /** Values that can be listed as they are typed. */
  readonly choices?: readonly string[] | undefined;
  /** What a value name stands for, where that takes a line: the units of a length of time. */
  readonly note?: string | undefined;
  /** Bounds, default and so on, each for the parenthesis behind the help. */
  readonly facts: readonly string[];
  readonly isRequired: boolean;
  /** It may be given several times; the last positional argument then takes all that follow. */
  readonly isRepeatable: boolean;
  /** Heading in `--help`. */
  readonly group?: string | undefined;
  /**
   * The value of what was typed.
   * @param label how a message names the option: `--limit`, `<id>`
   * @param given one text each time it was given; for a flag the texts mean nothing
   * @throws {UsageError} naming what is accepted
   */
  parse(label: string, given: readonly string[]): Value;
}

/** Options by their names as typed, without the dashes. */
export type Options = Readonly<Record<string, Option>>;

interface Settings {
  readonly help: string;
  readonly short?: string;
  readonly valueName?: string;
  /** As it would be typed. */
  readonly default?: string | number;
  readonly required?: boolean;
  /** It may be given several times; the value is then an array. */
  readonly repeatable?: boolean;
}

type Parsed<Value, Given extends Settings> = Given extends { readonly repeatable: true }
  ? readonly Value[]
  : Given extends { readonly required: true } | { readonly default: string | number }
    ? Value
    : Value | undefined;

/** How a text becomes a value. */
interface Kind<Value> {
  readonly valueName: string;
  /** Behind "takes": `a whole number from 1 to 10`. */
  readonly accepted: string;
  readonly choices?: readonly string[];
  readonly note?: string;
  readonly facts?: readonly string[];
  /** `undefined` for what is not accepted. */
  read(text: string): Value | undefined;
}

/** An option of a kind that only one command line has. */
export function option<Value, const Given extends Settings>(
  kind: Kind<Value>,
  given: Given,
): Option<Parsed<Value, Given>> {
  const { default: fallback, required = false, repeatable = false } = given;
  return {
    isFlag: false,
    help: given.help,
    short: given.short,
    valueName: given.valueName ?? kind.valueName,
    choices: kind.choices,
    note: kind.note,
    facts: [
      ...(kind.facts ?? []),
      ...(fallback === undefined ? [] : [`default ${fallback}`]),
      ...(repeatable ? ['may be repeated'] : []),
    ],
    isRequired: required,
    isRepeatable: repeatable,
    parse(label, typed) {
      if (typed.length === 0 && required) throw new UsageError(`${label} is missing: ${kind.accepted}.`);
      const texts = typed.length > 0 || fallback === undefined ? typed : [String(fallback)];
      const values = texts.map((text) => {
        const value = kind.read(text);
        if (value === undefined) throw new UsageError(`${label} takes ${kind.accepted}, not "${text}".`);
        return value;
      });
      return (repeatable ? values : values.at(-1)) as Parsed<Value, Given>; // the type says the same of the settings
    },
  };
}

/** Given or not. */
export function flag(given: Pick<Settings, 'help' | 'short'>): Option<boolean> {
  return {
    isFlag: true,
    help: given.help,
    short: given.short,
    valueName: '',
    facts: [],
    isRequired: false,
    isRepeatable: false,
    parse: (_, typed) => typed.length > 0,
  };
}

/** Any text but the empty one, or only what matches a pattern. */
export function text<
  const Given extends Settings & { readonly pattern?: RegExp; readonly accepted?: string },
>(given: Given) {
  const valueName = given.valueName ?? 'TEXT';
  const { pattern = /./s, accepted = `a value (${valueName})` } = given;
  return option({ valueName, accepted, read: (typed) => (pattern.test(typed) ? typed : undefined) }, given);
}

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

function bounded(noun: string, { min, max }: Bounds): Pick<Kind<number>, 'accepted' | 'facts'> {
  if (min !== undefined && max !== undefined)
    return { accepted: `${noun} from ${min} to ${max}`, facts: [`${min} to ${max}`] };
  if (min !== undefined) return { accepted: `${noun} from ${min} on`, facts: [] };
  return { accepted: max === undefined ? noun : `${noun} up to ${max}`, facts: [] };
}

/** A whole number, bounds included; `10_000` is one. */
export function wholeNumber<const Given extends Settings & Bounds>(given: Given) {
  const read = (typed: string) => numberOf(typed, { ...given, whole: true });
  return option({ valueName: 'N', ...bounded('a whole number', given), read }, given);
}

/** A number, bounds included. */
export function decimalNumber<const Given extends Settings & Bounds>(given: Given) {
  const read = (typed: string) => numberOf(typed, { ...given, whole: false });
  return option({ valueName: 'N', ...bounded('a number', given), read }, given);
}

/** A TCP port; 0 is any that is free. */
export function port<const Given extends Settings>(given: Given) {
  const read = (typed: string) => numberOf(typed, { min: 0, max: 65_535, whole: true });
  return option({ valueName: 'N', accepted: 'a port from 0 to 65535', read }, given);
}

/** A share from 0 to 1, typed as `2%` or `0.02`. */
export function share<const Given extends Settings>(given: Given) {
  return option({ valueName: 'SHARE', accepted: 'a share such as 2% or 0.02', read: shareOf }, given);
}

/** A length of time in ms, typed as `90s`. */
export function duration<const Given extends Settings>(given: Given) {
  return option(
    {
      valueName: 'LENGTH',
      accepted: 'a length of time such as 10s, 15m, 1h, 7d or 2y',
      note: `LENGTH is ${durationUnits}.`,
      read: durationMs,
    },
    given,
  );
}

/** A moment in UTC ms, typed as `2024-01-01T00:00:00Z`. */
export function instant<const Given extends Settings>(given: Given) {
  return option(
    { valueName: 'TIME', accepted: 'a time such as 2024-01-01T00:00:00Z', read: instantMs },
    given,
  );
}

/** A day of the calendar, `YYYY-MM-DD`. */
export function day<const Given extends Settings>(given: Given) {
  const read = (typed: string) => (parseDay(typed) === undefined ? undefined : typed);
  return option({ valueName: 'DAY', accepted: 'a day as YYYY-MM-DD', read }, given);
}

/** A sensor's id, in its canonical form. */
export function sensorId<const Given extends Settings>(given: Given) {
  return option({ valueName: 'ID', accepted: acceptedSensorId, read: canonicalSensorId }, given);
}

/** One of some words. They are matched without regard to upper and lower case when `anyCase` is set. */
export function choice<const Word extends string, const Given extends Settings & { readonly anyCase?: true }>(
  words: readonly Word[],
  given: Given,
) {
  const same = (a: string, b: string) =>
    given.anyCase === true ? a.toLowerCase() === b.toLowerCase() : a === b;
  const read = (typed: string) => words.find((word) => same(word, typed));
  return option({ valueName: words.join('|'), accepted: listed(words), choices: words, read }, given);
}

/** One of some things that have names, such as datasets; the value is the thing. */
export function oneOf<Thing extends { readonly name: string }, const Given extends Settings>(
  things: readonly Thing[],
  given: Given,
) {
  const names = things.map(({ name }) => name);
  const read = (typed: string) => things.find(({ name }) => name === typed);
  return option({ valueName: 'NAME', accepted: listed(names), choices: names, read }, given);
}

/** `a`, `a or b`, `one of a, b, c` */
function listed(words: readonly string[]): string {
  return words.length > 2 ? `one of ${words.join(', ')}` : words.join(' or ');
}

/** Puts options under a heading of `--help`. */
export function inGroup<const Grouped extends Options>(heading: string, options: Grouped): Grouped {
  const entries = Object.entries(options).map(([name, of]) => [name, { ...of, group: heading }]);
  return Object.fromEntries(entries) as Grouped; // the same names and kinds
}
