import type { Dataset } from '../../../dataset/dataset.ts';
import type { Rejected } from '../../../dataset/reading.ts';
import type { LongPaths } from '../../../formats/json-format.ts';
import { behindNumbers, type NumberNotation, numberIn } from '../../../formats/number-text.ts';
import { conversionOf, converter } from '../../../formats/units.ts';
import { standsForNothing } from '../../dropped-values.ts';
import type { Notation } from '../../notation.ts';
import type { PassedOver } from '../../parse-totals.ts';
import { rejected, show } from '../../rejection.ts';
import { Unmatched } from './pattern-getter.ts';
import type { Getter, Place } from './record-places.ts';

/** A record that is none of its own and counts as no line. */
export interface PassedOverRecord {
  readonly kind: 'passed-over';
  readonly reason: keyof PassedOver;
}

/** A parameter, and how its values are read. */
interface Parameter {
  readonly measure: string;
  /** That its values are in, unless the record says another. */
  readonly unit: string;
  readonly nothing: readonly (number | string)[];
  readonly convert: ((value: number) => number) | undefined;
  /** What may stand behind the number in a text, where the record says no unit. */
  readonly written: string | undefined;
}

/** Reads records of one value each. */
export class LongRecords {
  readonly #dataset: Dataset;
  readonly #numbers: NumberNotation;
  readonly #notation: Notation;
  readonly #parameter: Getter;
  readonly #value: Getter;
  readonly #unit: Getter | undefined;
  readonly #parameters: ReadonlyMap<string, Parameter>;

  constructor(
    dataset: Dataset,
    long: LongPaths,
    options: {
      numbers: NumberNotation;
      notation: Notation;
      nothing: readonly (number | string)[];
      parameter: Getter;
      getter: (path: string) => Getter;
    },
  ) {
    this.#dataset = dataset;
    this.#numbers = options.numbers;
    this.#notation = options.notation;
    this.#parameter = options.parameter;
    this.#value = options.getter(long.value);
    this.#unit = long.unit === undefined ? undefined : options.getter(long.unit);
    this.#parameters = new Map(
      Object.entries(long.parameters).map(([text, declared]) => {
        const {
          measure,
          nothing = [],
          ...value
        } = typeof declared === 'string' ? { measure: declared } : declared;
        const wanted = dataset.measures[measure]?.unit ?? ''; // checked
        const { unit = wanted } = value as { unit?: string };
        const convert = converter(value, wanted);
        const written = behindNumbers(unit);
        return [
          text,
          { measure, unit, nothing: [...options.nothing, ...nothing], convert, written },
        ] as const;
      }),
    );
  }

  /** What a record says of one measure. */
  read(place: Place): { measure: string; value: unknown } | Rejected | Unmatched | PassedOverRecord {
    const named = this.#parameter(place);
    if (named instanceof Unmatched) return named;
    const parameter = typeof named === 'string' ? this.#parameters.get(named) : undefined;
    if (parameter === undefined) return { kind: 'passed-over', reason: 'other-parameter' };
    const found = this.#value(place);
    const text = typeof found === 'string' ? found.trim() : undefined;
    if (text !== undefined) this.#notation.number(text);
    const { measure, nothing, written } = parameter;
    const unitHere = this.#unit?.(place);
    const behind = typeof unitHere === 'string' ? behindNumbers(unitHere) : written;
    const value = text === undefined ? found : numberIn(text, this.#numbers, behind);
    if (
      standsForNothing(this.#dataset, value) ||
      nothing.includes(value as number) ||
      (text !== undefined && nothing.includes(text))
    )
      return { kind: 'passed-over', reason: 'no-value' };
    const convert =
      unitHere === undefined || unitHere === null ? parameter.convert : this.#conversion(parameter, unitHere);
    if (convert !== undefined && typeof convert !== 'function') return convert;
    return { measure, value: convert && typeof value === 'number' ? convert(value) : value };
  }

  /** How a value is read whose record says its unit. */
  #conversion({ measure, unit, convert }: Parameter, written: unknown): Parameter['convert'] | Rejected {
    if (spelt(written) === spelt(unit)) return convert;
    const wanted = this.#dataset.measures[measure]?.unit ?? '';
    const known = unit === wanted && typeof written === 'string' ? conversionOf(written, wanted) : undefined;
    if (known !== undefined) return known;
    return rejected(
      'wrong-unit',
      `${measure} is in ${show(written)}; accepted: ${show(unit)}, or what is converted to it`,
    );
  }
}

/** A unit as it is compared: the micro sign and the Greek letter are one, and so are raised digits and others. */
const spelt = (unit: unknown): string => String(unit).normalize('NFKC');
