import type { Dataset } from '../../core/dataset/dataset.ts';
import type { Reading } from '../../core/dataset/reading.ts';
import { timeZoneNamed } from '../../core/time/time-zone.ts';
import { Random } from './random.ts';
import type { SyntheticOptions } from './synthetic-options.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
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
  const { startMs, everyMs } = options;
  const entities = Array.from({ length: options.sensors }, (_, index) => new SyntheticEntity(options, index));
  for (let slot = 0; ; slot += 1)
    for (const entity of entities) yield* entity.events(startMs + slot * everyMs, everyMs);
}

/** Something that has begun: its numbers and texts, and when and how it goes on. */
interface Open {
  readonly event: Reading;
  readonly atMs: number;
}

class SyntheticEntity {
  readonly #dataset: Dataset;
  readonly #random: Random;
  readonly #id: string;
  readonly #step: number;
  #number: number;
  /** In the order in which they go on. */
  readonly #open: Open[] = [];
  /** The list that says how things go on, by its place among the texts. */
  readonly #list: { readonly at: number; readonly texts: readonly string[] } | undefined;

  constructor({ dataset, seed, sensors }: SyntheticOptions, index: number) {
    this.#dataset = dataset;
    this.#random = new Random(seed, dataset.name, index);
    this.#id = String(index + 1);
    this.#step = sensors;
    this.#number = index + 1;
    const { attributes, attributeNames } = dataset;
    const name = (dataset.identity ?? attributeNames).find((each) => attributes[each]?.values !== undefined);
    const texts = name === undefined ? undefined : attributes[name]?.values;
    this.#list = name === undefined || texts === undefined ? undefined : { at: attributeNames.indexOf(name), texts };
  } // biome-ignore format: a step a line

  /** The events of one slot, in order of time. */
  events(startMs: number, everyMs: number): Reading[] {
    const found: Reading[] = [];
    while (this.#open[0] !== undefined && this.#open[0].atMs < startMs + everyMs)
      found.push((this.#open.shift() as Open).event); // there is one
    if (this.#random.chance(likelihood(this.#dataset.timeZone, startMs))) {
      const begun = this.#begin(startMs + this.#random.below(everyMs));
      found.push(begun);
      if (!this.#random.chance(openShare)) this.#goesOn(begun);
    }
    return found.sort((a, b) => a.timestampMs - b.timestampMs);
  }

  #begin(timestampMs: number): Reading {
    const { measureNames, attributeNames } = this.#dataset;
    const values = measureNames.map((name) => this.#value(name, false));
    const attributes = attributeNames.map((name, at) =>
      at === this.#list?.at ? (this.#list.texts[0] ?? null) : this.#text(name),
    );
    this.#number += this.#step;
    return { sensorId: this.#id, timestampMs, revision: 0, values, attributes };
  }

  /** What has begun goes on later, with what is known only then. */
  #goesOn(begun: Reading): void {
    const list = this.#list;
    if (list === undefined || list.texts.length < 2) return;
    const last = list.texts.length - 1;
    const next = list.texts.length === 2 || this.#random.chance(lastShare) ? last : 1 + this.#random.below(last - 1);
    const atMs = begun.timestampMs + hourMs + this.#random.below(longestMs);
    const event: Reading = {
      ...begun,
      timestampMs: atMs,
      values: begun.values.map((value, at) => value ?? (next === last ? null : this.#value(this.#dataset.measureNames[at] ?? '', true))),
      attributes: begun.attributes.map((text, at) => (at === list.at ? (list.texts[next] as string) : text)), // within
    };
    const place = this.#open.findIndex((other) => other.atMs > atMs);
    this.#open.splice(place === -1 ? this.#open.length : place, 0, { event, atMs });
  } // biome-ignore format: a step a line

  #value(name: string, isLater: boolean): number | null {
    const { measures, identity = [] } = this.#dataset;
    const { min = 0, max = 1, optional, type } = measures[name] ?? {};
    if (identity.includes(name)) return Math.min(max, Math.max(min, this.#number));
    if (optional && !isLater) return null;
    const random = this.#random;
    if (type === 'boolean') return random.below(2);
    if (type !== 'integer') {
      const value = min + random.uniform() * (Math.min(max, 1e6) - min);
      return type === 'time' ? Math.floor(value) : value; // times are of whole ms
    }
    // Squared: some are there far more often than others.
    const person = 1 + Math.floor(random.uniform() ** 3 * people);
    return Math.min(max, Math.max(min, isLater ? this.#number * 10 : person));
  }

  #text(name: string): string | null {
    const { attributes, identity = [] } = this.#dataset;
    const { maxLength = 1, optional, values } = attributes[name] ?? {};
    if (values !== undefined) return values[this.#random.below(values.length)] ?? null;
    if (identity.includes(name)) return `${this.#id}-${this.#number}`.slice(-maxLength);
    if (optional && this.#random.chance(0.1)) return null;
    return `${name.toLowerCase()}-${this.#random.below(6) + 1}`.slice(0, maxLength);
  }
}

function likelihood(timeZone: string, ms: number): number {
  const localMs = ms + timeZoneNamed(timeZone).offsetMs(ms);
  const hour = Math.floor(localMs / hourMs) % 24;
  const weekday = (Math.floor(localMs / dayMs) + 3) % 7; // 1970 began on a Thursday
  return (hours[hour] as number) * (weekdays[weekday] as number); // of 24 and of 7
}
