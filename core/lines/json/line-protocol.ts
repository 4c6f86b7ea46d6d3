import type { Rejected } from '../../dataset/reading.ts';
import { rejected, show } from '../rejection.ts';

/** A point of InfluxDB's line protocol, as paths find it: `$.measurement`, `$.tags.station`, `$.fields.temperature`, `$.timestamp`. */
export interface Point {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, FieldValue>>;
  /** The digits as they are written, of which a double has not all; absent where the line has none. */
  readonly timestamp?: string;
}

type FieldValue = number | string | boolean;

const acceptedLine = 'measurement,tag=value field=value timestamp';
/** What ends a name, unless a backslash stands before it. Before anything else a backslash is one of the name's characters. */
const endsMeasurement = ', ';
const endsName = ',= ';
const truths: ReadonlyMap<string, boolean> = new Map([
  ...['t', 'T', 'true', 'True', 'TRUE'].map((text) => [text, true] as const),
  ...['f', 'F', 'false', 'False', 'FALSE'].map((text) => [text, false] as const),
]);
// Of a number of a mebibyte no digit is looked at twice.
const float = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;
const integer = /^-?\d{1,19}i$/;
const unsigned = /^\d{1,20}u$/;
const timestamp = /^-?\d{1,19}$/;

/**
 * Reads a line of InfluxDB's line protocol that is no comment (InfluxData, "Line protocol reference"). Integers, also past 2^53, are the doubles next to
 * them, as numbers of JSON are. A tag or a field that is there twice rejects the line, since nobody can tell which of its values is meant.
 */
export const readPoint = (line: string): Point | Rejected => new PointText(line).read();

/** The text of a point, read from its start to its end. */
class PointText {
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
  }

  read(): Point | Rejected {
    this.#skipSpaces();
    const measurement = this.#name(endsMeasurement);
    if (measurement === '') return this.#wrong('it has no measurement');
    const tags = this.#taken(',') ? this.#pairs('tag', (key) => this.#tag(key)) : new Map<string, string>();
    if ('kind' in tags) return tags;
    this.#skipSpaces();
    if (this.#isAtEnd) return this.#wrong('it has no field');
    const fields = this.#pairs('field', (key) => this.#field(key));
    if ('kind' in fields) return fields;
    this.#skipSpaces();
    const rest = this.#line.slice(this.#at).trimEnd();
    if (rest !== '' && !timestamp.test(rest))
      return this.#wrong(`behind its fields stands ${show(rest)}, which is no timestamp`);
    return {
      measurement,
      tags: Object.fromEntries(tags),
      fields: Object.fromEntries(fields),
      ...(rest !== '' && { timestamp: rest }),
    };
  }

  get #isAtEnd(): boolean {
    return this.#at === this.#line.length;
  }

  /** Keys and values up to a space. */
  #pairs<T extends FieldValue>(
    kind: 'tag' | 'field',
    read: (key: string) => T | Rejected,
  ): Map<string, T> | Rejected {
    const pairs = new Map<string, T>();
    do {
      const key = this.#name(endsName);
      if (key === '') return this.#wrong(`a ${kind} has no name`);
      if (!this.#taken('=')) return this.#wrong(`${kind} ${show(key)} has no value`);
      const value = read(key);
      if (typeof value === 'object') return value;
      if (pairs.has(key))
        return rejected(
          'unknown-field',
          `${kind} ${show(key)} is given twice: ${show(this.#line)}; accepted: once`,
        );
      pairs.set(key, value);
    } while (this.#taken(','));
    if (this.#isAtEnd || this.#line[this.#at] === ' ') return pairs;
    const detail = `behind a ${kind} stands ${show(this.#line.slice(this.#at))}, and neither a comma nor a space`;
    return this.#wrong(detail);
  }

  #tag(key: string): string | Rejected {
    const value = this.#name(endsName);
    return value === '' ? this.#wrong(`tag ${show(key)} has no value`) : value;
  }

  #field(key: string): FieldValue | Rejected {
    if (this.#taken('"')) return this.#text(key);
    const start = this.#at;
    while (!this.#isAtEnd && !endsMeasurement.includes(this.#line[this.#at] as string)) this.#at++; // not at the end
    const written = this.#line.slice(start, this.#at);
    const value = truths.get(written) ?? numberOf(written);
    if (value !== undefined) return value;
    return this.#wrong(
      `field ${show(key)} is ${show(written)}, which is no number, 64-bit integer with i or u, boolean or text in quotes`,
    );
  }

  /** A text in quotes, in which a backslash stands before quotes and backslashes; before anything else it is one of the characters. */
  #text(key: string): string | Rejected {
    const start = this.#at;
    for (; !this.#isAtEnd; this.#at++) {
      const character = this.#line[this.#at];
      if (character === '\\' && '"\\'.includes(this.#line[this.#at + 1] ?? ' ')) this.#at++;
      else if (character === '"') return this.#line.slice(start, this.#at++).replace(/\\(["\\])/g, '$1');
    }
    return this.#wrong(`the text of field ${show(key)} has no quote at its end`);
  }

  #name(ends: string): string {
    const start = this.#at;
    let isEscaped = false;
    for (; !this.#isAtEnd; this.#at++) {
      const character = this.#line[this.#at] as string; // not at the end
      if (character === '\\' && ends.includes(this.#line[this.#at + 1] ?? '\\')) {
        isEscaped = true;
        this.#at++;
      } else if (ends.includes(character)) break;
    }
    const written = this.#line.slice(start, this.#at);
    if (!isEscaped) return written;
    return written.replace(ends === endsName ? /\\([,= ])/g : /\\([, ])/g, '$1');
  }

  #taken(character: string): boolean {
    if (this.#line[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #skipSpaces(): void {
    while (this.#line[this.#at] === ' ') this.#at++;
  }

  #wrong(what: string): Rejected {
    return rejected(
      'not-line-protocol',
      `the line is ${show(this.#line)}: ${what}; accepted: ${acceptedLine}`,
    );
  }
}

function numberOf(text: string): number | undefined {
  if (float.test(text)) return Number(text);
  const isInteger = integer.test(text);
  if (!isInteger && !unsigned.test(text)) return undefined;
  const value = BigInt(text.slice(0, -1));
  const isWithin = isInteger ? BigInt.asIntN(64, value) === value : BigInt.asUintN(64, value) === value;
  return isWithin ? Number(value) : undefined;
}
