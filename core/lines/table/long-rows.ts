import type { Dataset } from '../../dataset/dataset.ts';
import type { Rejected } from '../../dataset/reading.ts';
import { acceptedSensorId, readSensorId } from '../../dataset/sensor-id.ts';
import { conversionOf } from '../../formats/units.ts';
import { Assembly } from '../assembly.ts';
import { type PassedOver, passOver } from '../parse-totals.ts';
import type { Given } from '../read-record.ts';
import { rejected, show } from '../rejection.ts';
import type { Settled } from '../settled.ts';
import type { CellReader, Field, Measured } from './fields.ts';
import type { Long, Parameter } from './header.ts';
import type { Row, Rows } from './rows.ts';

const maxUnknown = 20;

/** A table whose rows have one value each. */
export class LongRows implements Rows {
  readonly recordsPerRow = 1;
  readonly unknownParameters: string[] = [];
  readonly #passedOver: PassedOver = {};
  readonly #dataset: Dataset;
  readonly #given: Given;
  /** What a row says beside its value. */
  readonly #fields: readonly Field[];
  readonly #shape: Long;
  readonly #cells: CellReader;
  readonly #assembly: Assembly;

  constructor(
    fields: readonly Field[],
    shape: Long,
    { dataset, given, cells }: { dataset: Dataset; given: Given; cells: CellReader },
  ) {
    this.#fields = fields;
    this.#shape = shape;
    this.#dataset = dataset;
    this.#given = given;
    this.#cells = cells;
    this.#assembly = new Assembly(dataset, given);
  }

  get passedOver(): PassedOver {
    const { joined } = this.#assembly;
    return joined === 0 ? this.#passedOver : { ...this.#passedOver, joined };
  }

  read(row: Row): readonly Settled[] {
    const { lineNumber, text, cells, time } = row;
    const reject = (outcome: Rejected) => [{ lineNumber, text, outcome }];
    const named = cells[this.#shape.parameter] ?? '';
    const parameter = this.#shape.parameters.get(named);
    if (parameter === undefined) {
      this.#noteUnknown(named);
      return [];
    }
    const measured = this.#measuredOf(parameter, cells);
    if ('kind' in measured) return reject(measured);
    const common = this.#cells.read(this.#fields, cells);
    const { measure } = parameter;
    const value = this.#cells.read([{ name: measure, indexes: [this.#shape.value], kind: 'number', measured }], cells);
    if (!value.hasValue) {
      passOver(this.#passedOver, 'no-value');
      return [];
    }
    const { sensorId: written = this.#given.sensorId, ...fields } = common.record;
    const sensor = readSensorId(String(written ?? ''));
    if ('fault' in sensor) return reject(sensorFault(written, sensor.fault));
    if (time === undefined) throw new Error('a table of parameters and values has times'); // checked
    if (time.laterMs !== undefined) return reject(ambiguous(time.shown));
    const said = Object.fromEntries(Object.entries({ ...fields, ...value.record }).filter(([, each]) => each !== null));
    return this.#assembly.add({ lineNumber, text, sensorId: sensor.id, timestampMs: time.timestampMs, shown: time.shown, fields: said });
  } // biome-ignore format: a step a line

  end(): readonly Settled[] {
    return this.#assembly.end();
  }

  #noteUnknown(named: string): void {
    passOver(this.#passedOver, 'other-parameter');
    const shown = named.slice(0, 64).toWellFormed();
    if (this.unknownParameters.length < maxUnknown && !this.unknownParameters.includes(shown))
      this.unknownParameters.push(shown);
  }

  /** How a value is read, with regard to the unit that its row says. */
  #measuredOf({ measure, unit, measured }: Parameter, cells: readonly string[]): Measured | Rejected {
    const written = this.#shape.unit === undefined ? undefined : (cells[this.#shape.unit] ?? '');
    if (written === undefined || spelt(written) === spelt(unit)) return measured;
    const wanted = this.#dataset.measures[measure]?.unit ?? '';
    const convert = unit === wanted ? conversionOf(written, wanted) : undefined;
    if (convert !== undefined) return { ...measured, convert, unit: written };
    return rejected('wrong-unit', `${measure} is in ${show(written)}; accepted: ${show(unit)}, or what is converted to it`);
  } // biome-ignore format: short
}

/** A unit as it is compared: the micro sign and the Greek letter are one, and so are raised digits and others. */
const spelt = (unit: string): string => unit.normalize('NFKC');

const sensorFault = (written: unknown, fault: string): Rejected =>
  written === undefined
    ? rejected('missing-field', `sensorId is missing; accepted: ${acceptedSensorId}`)
    : rejected('invalid-sensor-id', `sensorId is ${show(written)}: ${fault}; accepted: ${acceptedSensorId}`);

const ambiguous = (shown: string): Rejected =>
  rejected(
    'ambiguous-timestamp',
    `the clock showed ${show(shown)} twice, and rows of one value each don't tell which time it is; accepted: times with an offset, or a format that says the offset of the clock as its zone`,
  );
