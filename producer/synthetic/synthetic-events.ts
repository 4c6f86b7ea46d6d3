import type { Dataset } from '../../core/dataset/dataset.ts';
import type { Reading } from '../../core/dataset/reading.ts';
import { dayMs } from '../../core/time/duration.ts';
import { timeZoneNamed } from '../../core/time/time-zone.ts';
import { Random } from './random.ts';
import type { SyntheticOptions } from './synthetic-options.ts';
import { type Waiting, WaitingEvents } from './waiting-events.ts';

const hourMs = 3_600_000;
/** How likely an hour of the local day begins something, and a day of the week from Monday on: shops are open by day, and Saturdays are busy. */
const hours = [
  ...[0.01, 0.01, 0, 0, 0, 0, 0.02, 0.1, 0.3, 0.7, 1, 0.9],
  ...[0.7, 0.4, 0.3, 0.5, 0.8, 1, 0.9, 0.6, 0.3, 0.2, 0.1, 0.05],
];
const weekdays = [0.6, 0.7, 0.8, 0.9, 1, 1, 0.2];
/** Of what has begun: the share that goes on to the last text of the list, and not to one of those between; and the share that never goes on. */
const lastShare = 0.14;
const openShare = 0.03;
/** What goes on does so after up to so long. */
const longestMs = 14 * dayMs;
/** People of whom some come back: half of all events are of the first tenth. */
const people = 400;

/**
 * Made-up events without end, slot by slot and in each slot entity by entity. What begins, at hours and on days when people are about, mostly goes on days later:
 * the list in the dataset's identity says how, from its first text to one of the others, such as a booking that is created, and then completed or
 * cancelled. A whole number in the identity tells what belongs together; others are people, and optional ones come with what goes on. Equal
 * options give equal events.
 */
export function* syntheticEvents(options: SyntheticOptions): Generator<Reading> {
  const { dataset, startMs, everyMs } = options;
  const columns = columnsOf(dataset);
  const entities = Array.from({ length: options.sensors }, (_, index) => new SyntheticEntity(options, columns, index));
  for (let slot = 0; ; slot += 1) {
    const slotMs = startMs + slot * everyMs;
    const chance = likelihood(dataset.timeZone, slotMs);
    for (const entity of entities) {
      const found = entity.events(slotMs, everyMs, chance);
      for (let at = 0; at < found.length; at++) yield found[at] as Reading; // within
    }
  }
} // biome-ignore format: a step a line

/** Makes a value of a column. @param isLater of what goes on, and does not begin */
type Make<Value> = (entity: { readonly id: string; readonly number: number }, random: Random, isLater: boolean) => Value | null; // biome-ignore format: a type a line

/** How the columns of a dataset are made. */
interface SyntheticColumns {
  readonly numbers: readonly Make<number>[];
  readonly texts: readonly Make<string>[];
  /** The list that says how things go on, by its place among the texts. */
  readonly list: { readonly at: number; readonly texts: readonly string[] } | undefined;
  /** All texts of an event, by the text of the list that it has, where there is no other: they are shared by all. */
  readonly ofList: readonly (readonly string[])[] | undefined;
}

function columnsOf(dataset: Dataset): SyntheticColumns {
  const { attributes, attributeNames, measureNames, identity } = dataset;
  const name = (identity ?? attributeNames).find((each) => attributes[each]?.values !== undefined);
  const texts = name === undefined ? undefined : attributes[name]?.values;
  const isAlone = attributeNames.length === 1;
  return {
    numbers: measureNames.map((each) => numberOf(dataset, each)),
    texts: attributeNames.map((each) => textOf(dataset, each)),
    list: name === undefined || texts === undefined ? undefined : { at: attributeNames.indexOf(name), texts },
    ofList: isAlone ? texts?.map((text) => [text]) : undefined,
  };
}

const nothing: readonly Reading[] = [];

class SyntheticEntity {
  readonly id: string;
  number: number;
  readonly #random: Random;
  readonly #columns: SyntheticColumns;
  readonly #step: number;
  /** How that goes on which has begun. */
  readonly #waiting: WaitingEvents;
  /** Of the one that is made. */
  readonly #numbers: Float64Array;

  constructor({ dataset, seed, sensors }: SyntheticOptions, columns: SyntheticColumns, index: number) {
    this.#columns = columns;
    this.#waiting = new WaitingEvents(columns.numbers.length);
    this.#numbers = new Float64Array(columns.numbers.length);
    this.#random = new Random(seed, dataset.name, index);
    this.id = String(index + 1);
    this.#step = sensors;
    this.number = index + 1;
  }

  /** The events of one slot, in order of time. @param chance of something that begins */
  events(startMs: number, everyMs: number, chance: number): readonly Reading[] {
    const found: Reading[] = [];
    while (this.#waiting.firstMs < startMs + everyMs) found.push(this.#goneOn());
    if (this.#random.chance(chance)) {
      const begun = this.#begin(startMs + this.#random.below(everyMs));
      found.push(begun);
      if (!this.#random.chance(openShare)) this.#goesOn(begun);
    }
    if (found.length === 0) return nothing;
    return found.length === 1 ? found : found.sort((a, b) => a.timestampMs - b.timestampMs);
  }

  #begin(timestampMs: number): Reading {
    const { numbers, texts, list, ofList } = this.#columns;
    const values = numbers.map((make) => make(this, this.#random, false));
    const attributes =
      ofList?.[0] ??
      texts.map((make, at) => (at === list?.at ? (list.texts[0] ?? null) : make(this, this.#random, false)));
    this.number += this.#step;
    return { sensorId: this.id, timestampMs, revision: 0, values, attributes };
  }

  /** What has begun goes on later, with what is known only then. */
  #goesOn(begun: Reading): void {
    const { numbers, list } = this.#columns;
    if (list === undefined || list.texts.length < 2) return;
    const last = list.texts.length - 1;
    const isLast = list.texts.length === 2 || this.#random.chance(lastShare);
    const next = isLast ? last : 1 + this.#random.below(last - 1);
    const atMs = begun.timestampMs + hourMs + this.#random.below(longestMs);
    for (const [at, value] of begun.values.entries())
      this.#numbers[at] = value ?? (isLast ? null : numbers[at]?.(this, this.#random, true)) ?? Number.NaN;
    this.#waiting.add({ atMs, next, numbers: this.#numbers, texts: begun.attributes });
  }

  /** The first that goes on. */
  #goneOn(): Reading {
    const { list, ofList } = this.#columns;
    const { atMs, next, numbers, texts } = this.#waiting.shift() as Waiting; // there is one
    const values = Array.from(numbers, (value) => (Number.isNaN(value) ? null : value));
    const attributes = ofList?.[next] ?? texts.map((text, at) => (at === list?.at ? (list.texts[next] ?? null) : text));
    return { sensorId: this.id, timestampMs: atMs, revision: 0, values, attributes };
  }
} // biome-ignore format: a step a line

function numberOf({ measures, identity = [] }: Dataset, name: string): Make<number> {
  const { min = 0, max = 1, optional, type } = measures[name] ?? {};
  const within = (value: number) => Math.min(max, Math.max(min, value));
  if (identity.includes(name)) return ({ number }) => within(number);
  const made = ((): Make<number> => {
    if (type === 'boolean') return (_, random) => random.below(2);
    if (type === 'integer')
      // Cubed: some are there far more often than others.
      return ({ number }, random, isLater) => {
        const person = 1 + Math.floor(random.uniform() ** 3 * people);
        return within(isLater ? number * 10 : person);
      };
    const scale = Math.min(max, 1e6) - min;
    // Times are of whole ms.
    return (_, random) => (type === 'time' ? Math.floor(min + random.uniform() * scale) : min + random.uniform() * scale);
  })();
  return optional ? (of, random, isLater) => (isLater ? made(of, random, isLater) : null) : made;
} // biome-ignore format: a step a line

function textOf({ attributes, identity = [] }: Dataset, name: string): Make<string> {
  const { maxLength = 1, optional, values } = attributes[name] ?? {};
  if (values !== undefined) return (_, random) => values[random.below(values.length)] ?? null;
  if (identity.includes(name)) return ({ id, number }) => `${id}-${number}`.slice(-maxLength);
  return (_, random) =>
    optional && random.chance(0.1)
      ? null
      : `${name.toLowerCase()}-${random.below(6) + 1}`.slice(0, maxLength);
}

function likelihood(timeZone: string, ms: number): number {
  const localMs = ms + timeZoneNamed(timeZone).offsetMs(ms);
  const hour = Math.floor(localMs / hourMs) % 24;
  const weekday = (Math.floor(localMs / dayMs) + 3) % 7; // 1970 began on a Thursday
  return (hours[hour] as number) * (weekdays[weekday] as number); // of 24 and of 7
}
