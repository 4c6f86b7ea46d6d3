import type { Dataset } from '../../core/dataset/dataset.ts';
import { encodeLine, encodeReading, type Reading } from '../../core/dataset/reading.ts';
import type { SourceItem } from '../sources/source.ts';
import { Random } from './random.ts';

/** Faults on purpose, each a probability from 0 to 1 of a reading. */
export interface FaultRates {
  /** Sent once more, to the byte, at some time after. */
  readonly duplicates: number;
  /** Gets a time from up to 60 days before; an event, whose time is a part of what it is, keeps it, and is sent up to 5,000 lines later. */
  readonly late: number;
  /** Sent once more with other values and the next revision. */
  readonly corrections: number;
  /** Replaced by a line that must be rejected. */
  readonly invalid: number;
  /** Lines change places with others up to 5,000 lines away. */
  readonly shuffle: boolean;
}

/** A line as it will be sent. */
export interface Outgoing {
  readonly line: string;
  readonly dataset: Dataset;
  /** Absent for a line that must be rejected. */
  readonly reading: Reading | undefined;
  readonly kind: 'reading' | 'duplicate' | 'late' | 'correction' | 'invalid';
  readonly settled?: ((error?: Error) => void) | undefined;
}

const recentLines = 1_000;
const shuffledLines = 5_000;
const lateLines = 5_000;
const latestMs = 60 * 86_400_000;

/** Turns readings into lines, with faults as asked for. The same seed and readings give the same lines. */
export class Faults {
  readonly #rates: FaultRates;
  readonly #random: Random;
  readonly #recent: Outgoing[] = [];
  #next = 0;
  readonly #held: Outgoing[] = [];
  /** Events that are sent later, by the number of the reading that they wait for. */
  readonly #late = new Map<number, Outgoing[]>();
  #count = 0;

  constructor(rates: FaultRates, seed: number) {
    this.#rates = rates;
    this.#random = new Random(seed, 'faults');
  }

  /** Hands over what one reading becomes: one line or more, or, while shuffling begins, none yet. */
  push(item: SourceItem & { kind: 'reading' }, emit: (outgoing: Outgoing) => void): void {
    const { rates, random } = { rates: this.#rates, random: this.#random };
    const out = this.#outOf(emit);
    const { dataset, settled } = item;
    this.#count += 1;
    this.#sendLate(this.#count, out);
    if (random.chance(rates.invalid)) {
      const line = invalidLine(dataset, item.reading, random);
      out({ line, dataset, reading: undefined, kind: 'invalid', settled });
      return;
    }
    const late = random.chance(rates.late);
    const isEvent = dataset.kind === 'events';
    const reading = late && !isEvent ? moved(item.reading, random) : item.reading;
    const line = encodeLine(dataset, reading, item.dropped);
    const outgoing: Outgoing = { line, dataset, reading, kind: late ? 'late' : 'reading', settled };
    if (late && isEvent) {
      const due = this.#count + 1 + random.below(lateLines);
      this.#late.set(due, [...(this.#late.get(due) ?? []), outgoing]);
    } else this.#send(outgoing, out);
  }

  /** With what comes of it: it is repeated and corrected after it was sent. */
  #send(outgoing: Outgoing, out: (outgoing: Outgoing) => void): void {
    const { rates, random } = { rates: this.#rates, random: this.#random };
    out(outgoing);
    if (rates.duplicates === 0 && rates.corrections === 0) return;
    this.#remember(outgoing);
    if (random.chance(rates.corrections)) {
      const before = this.#anyRecent();
      if (before.reading !== undefined) {
        const other = corrected(before.dataset, before.reading, random);
        const correction = {
          dataset: before.dataset,
          reading: other,
          line: encodeReading(before.dataset, other),
        };
        out({ ...correction, kind: 'correction' });
      }
    }
    if (random.chance(rates.duplicates)) out({ ...this.#anyRecent(), kind: 'duplicate', settled: undefined });
  }

  #sendLate(due: number, out: (outgoing: Outgoing) => void): void {
    const waiting = this.#late.get(due) ?? [];
    this.#late.delete(due);
    for (const outgoing of waiting) this.#send(outgoing, out);
  }

  #outOf(emit: (outgoing: Outgoing) => void): (outgoing: Outgoing) => void {
    return this.#rates.shuffle ? (outgoing) => this.#shuffle(outgoing, emit) : emit;
  }

  /** Hands over what is still late, or held for shuffling. */
  end(emit: (outgoing: Outgoing) => void): void {
    for (const due of [...this.#late.keys()].sort((a, b) => a - b)) this.#sendLate(due, this.#outOf(emit));
    while (this.#held.length > 0) this.#release(this.#random.below(this.#held.length), emit);
  }

  #shuffle(outgoing: Outgoing, emit: (outgoing: Outgoing) => void): void {
    this.#held.push(outgoing);
    if (this.#held.length > shuffledLines) this.#release(this.#random.below(this.#held.length), emit);
  }

  #release(index: number, emit: (outgoing: Outgoing) => void): void {
    const outgoing = this.#held[index];
    const last = this.#held.pop();
    if (outgoing === undefined || last === undefined) return;
    if (index < this.#held.length) this.#held[index] = last;
    emit(outgoing);
  }

  #remember(outgoing: Outgoing): void {
    this.#recent[this.#next] = outgoing;
    this.#next = (this.#next + 1) % recentLines;
  }

  #anyRecent(): Outgoing {
    return this.#recent[this.#random.below(this.#recent.length)] as Outgoing; // one was remembered just before
  }
}

/** 1970 is where timestamps begin. */
function moved(reading: Reading, random: Random): Reading {
  const earlier = reading.timestampMs - 1 - random.below(latestMs);
  return { ...reading, timestampMs: Math.max(0, earlier) };
}

function corrected(dataset: Dataset, reading: Reading, random: Random): Reading {
  const values = reading.values.map((value, index) => {
    const name = dataset.measureNames[index] ?? '';
    const { min = 0, max = 0, type } = dataset.measures[name] ?? {};
    // Of an event another identity would be another event.
    if (value === null || dataset.identity?.includes(name) || type === 'time') return value;
    if (type === 'integer') return value < max ? value + 1 : value;
    if (type === 'boolean') return 1 - value;
    const step = Math.abs(value) * 0.01 + (max - min) * 1e-6;
    const other = Math.min(max, Math.max(min, value + step * (2 * random.uniform() - 1))) + 0;
    return dataset.missing.includes(other) ? value : other;
  });
  return { ...reading, values, revision: reading.revision + 1 };
}

type Spoil = (
  fields: Record<string, unknown>,
  measure: string | undefined,
  dataset: Dataset,
  line: string,
) => string | undefined;

/**
 * Ways to spoil a reading, each a mistake that a device or its driver makes; `undefined` where one does not apply. A bad value costs the
 * reading only where its measure is not optional: `measure` is such a one, if there is any.
 */
const spoils: Readonly<Record<string, Spoil>> = {
  'missing-field': (fields) => JSON.stringify({ ...fields, sensorId: undefined }),
  'text-for-number': (fields, measure) =>
    measure && JSON.stringify({ ...fields, [measure]: String(fields[measure] ?? 0) }),
  'out-of-range': (fields, measure, dataset) => {
    if (measure === undefined) return undefined;
    const max = dataset.measures[measure]?.max ?? 0;
    return JSON.stringify({ ...fields, [measure]: max + Math.abs(max) + 1 });
  },
  'invalid-timestamp': (fields) =>
    JSON.stringify({ ...fields, timestamp: String(fields.timestamp).replace(/-\d\d-/, '-13-') }),
  sentinel: (fields, measure, { missing }) =>
    measure === undefined || missing.length === 0
      ? undefined
      : JSON.stringify({ ...fields, [measure]: missing[0] }),
  'invalid-sensor-id': (fields) => JSON.stringify({ ...fields, sensorId: `${fields.sensorId}\u0007` }),
  truncated: (_, __, ___, line) => line.slice(0, Math.ceil(line.length * 0.6)),
};

const invalidKinds = Object.keys(spoils);

/** A line that stands for the reading and that the pipeline must reject, of a kind chosen at random. */
export function invalidLine(dataset: Dataset, reading: Reading, random: Random): string {
  const line = encodeReading(dataset, reading);
  // A time is a text in a line, and no number to be spoiled.
  const needed = dataset.measureNames.filter((name) => {
    const { optional, type } = dataset.measures[name] ?? {};
    return !optional && type !== 'time';
  });
  const measure = needed[random.below(needed.length)];
  for (;;) {
    const kind = invalidKinds[random.below(invalidKinds.length)] ?? '';
    const spoiled = spoils[kind]?.(JSON.parse(line), measure, dataset, line);
    if (spoiled !== undefined) return spoiled;
  }
}
