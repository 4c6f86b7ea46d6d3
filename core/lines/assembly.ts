import type { Dataset } from '../dataset/dataset.ts';
import type { Line } from '../dataset/reading.ts';
import { type Given, readRecord } from './read-record.ts';
import { rejected, show } from './rejection.ts';
import type { Settled } from './settled.ts';

/** What one row, or one record, says of a reading that several make up. */
export interface Part {
  readonly lineNumber: number;
  /** The line, or as much of it as is told where it is rejected. */
  readonly text: string;
  /** In canonical form. */
  readonly sensorId: string;
  /** UTC ms. */
  readonly timestampMs: number;
  /** The time as it is written. */
  readonly shown: string;
  /** Measures, attributes, `revision` and `withdrawn`, as {@link readRecord} takes them; one without a value is left out. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Parts that wait for others, over all readings, and their characters: some 100 MB. */
const maxParts = 200_000;
const maxCharacters = 32 * 1_048_576;

/** A reading that is not complete yet. */
interface Open {
  readonly parts: Part[];
  /** What a part has to differ from to contradict the others. */
  readonly values: Map<string, unknown>;
  /** Fields of which two parts say different things. */
  readonly contradicted: Set<string>;
}

/** The instants of a series whose readings were closed before the end. */
interface Closed {
  fromMs: number;
  toMs: number;
}

/**
 * Puts readings together whose values come one by one, in any order. They stay open to the end, so that a file may have all rows of one
 * measure before those of the next; past the bounds the one that was begun first is closed. What comes for a closed one, or for a time
 * among those of its series that are closed, is rejected: two readings of one identity, each with some of the values, would replace each
 * other.
 *
 * A value that is said twice is a repeat. Where two parts differ, nothing tells which of them is right, and both are rejected; the reading
 * is made of the others.
 */
export class Assembly {
  readonly #dataset: Dataset;
  readonly #given: Given;
  readonly #bounds: { readonly parts: number; readonly characters: number };
  /** By series, then by instant; in the order in which they were begun. */
  readonly #open = new Map<string, Open>();
  readonly #closed = new Map<string, Closed>();
  #parts = 0;
  #characters = 0;
  /** Parts that are in a reading beside its first one. */
  joined = 0;

  constructor(dataset: Dataset, given: Given, bounds = { parts: maxParts, characters: maxCharacters }) {
    this.#dataset = dataset;
    this.#given = given;
    this.#bounds = bounds;
  }

  /** Takes a part. @returns what is settled by it, of this part and of others */
  add(part: Part): readonly Settled[] {
    const identity = `${part.timestampMs} ${part.sensorId}`;
    const known = this.#open.get(identity);
    if (known === undefined && this.#isClosed(part)) return [late(part)];
    const open: Open = known ?? { parts: [], values: new Map(), contradicted: new Set() };
    if (known === undefined) this.#open.set(identity, open);
    for (const [name, value] of Object.entries(part.fields)) {
      if (!open.values.has(name)) open.values.set(name, value);
      else if (!Object.is(open.values.get(name), value)) open.contradicted.add(name);
    }
    open.parts.push(part);
    this.#parts++;
    this.#characters += part.text.length;
    const settled: Settled[] = [];
    while (this.#parts > this.#bounds.parts || this.#characters > this.#bounds.characters)
      settled.push(...this.#closeFirst());
    return settled;
  }

  /** No part comes any more. */
  end(): readonly Settled[] {
    const settled = [...this.#open.values()].flatMap((open) => this.#settle(open));
    this.#open.clear();
    this.#parts = 0;
    this.#characters = 0;
    return settled;
  }

  #isClosed({ sensorId, timestampMs }: Part): boolean {
    const closed = this.#closed.get(sensorId);
    return closed !== undefined && timestampMs >= closed.fromMs && timestampMs <= closed.toMs;
  }

  #closeFirst(): readonly Settled[] {
    const [first] = this.#open;
    if (first === undefined) return [];
    const [identity, open] = first;
    this.#open.delete(identity);
    this.#parts -= open.parts.length;
    for (const { text } of open.parts) this.#characters -= text.length;
    const { sensorId, timestampMs } = open.parts[0] as Part; // it was begun with one
    const closed = this.#closed.get(sensorId);
    this.#closed.set(sensorId, {
      fromMs: Math.min(closed?.fromMs ?? timestampMs, timestampMs),
      toMs: Math.max(closed?.toMs ?? timestampMs, timestampMs),
    });
    return this.#settle(open);
  }

  #settle({ parts, contradicted }: Open): readonly Settled[] {
    const isSound = ({ fields }: Part) => !Object.keys(fields).some((name) => contradicted.has(name));
    const sound = parts.filter(isSound);
    const wrong = parts.filter((part) => !isSound(part)).map((part) => contradicting(part, parts, contradicted));
    const [first] = sound;
    if (first === undefined) return wrong;
    this.joined += sound.length - 1;
    const { lineNumber, text } = first;
    return [...wrong, { lineNumber, text, outcome: this.#read(sound, first) }];
  } // biome-ignore format: a step a line

  #read(parts: readonly Part[], { sensorId, timestampMs, shown }: Part): Line {
    const record: Record<string, unknown> = { sensorId, timestamp: shown };
    for (const { fields } of parts) Object.assign(record, fields);
    const line = readRecord(this.#dataset, record, { ...this.#given, timestampMs });
    if (line.kind === 'reading' || parts.length === 1) return line;
    return { ...line, detail: `${line.detail}. The reading is made of ${linesOf(parts)}` };
  }
}

/** At most five line numbers, in words. */
function linesOf(parts: readonly Part[]): string {
  const numbers = parts.slice(0, 5).map(({ lineNumber }) => lineNumber);
  const more = parts.length > numbers.length ? ` and ${parts.length - numbers.length} more` : '';
  return `line${parts.length === 1 ? '' : 's'} ${numbers.join(', ')}${more}`;
}

function late({ lineNumber, text, sensorId, timestampMs }: Part): Settled {
  const at = new Date(timestampMs).toISOString();
  const outcome = rejected(
    'late-value',
    `readings of ${show(sensorId)} around ${at} are complete: too many values of others came since; accepted: values in order of time, or fewer in a file`,
  );
  return { lineNumber, text, outcome };
}

function contradicting(
  { lineNumber, text, sensorId, timestampMs, fields }: Part,
  parts: readonly Part[],
  contradicted: ReadonlySet<string>,
): Settled {
  const name = Object.keys(fields).find((field) => contradicted.has(field)) ?? '';
  const others = parts.filter((part) => Object.hasOwn(part.fields, name));
  const [other] = others.filter((part) => !Object.is(part.fields[name], fields[name]));
  const said = `${name} of ${show(sensorId)} at ${new Date(timestampMs).toISOString()} is ${show(fields[name])} here`;
  const outcome = rejected(
    'contradicting-values',
    `${said}, and ${show(other?.fields[name])} in line ${other?.lineNumber}; accepted: one value`,
  );
  return { lineNumber, text, outcome };
}
