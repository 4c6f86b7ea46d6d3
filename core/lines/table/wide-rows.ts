import { type PassedOver, passOver } from '../parse-totals.ts';
import { show } from '../rejection.ts';
import type { Settled } from '../settled.ts';
import type { CellReader, Field } from './fields.ts';
import type { Wide } from './header.ts';
import type { RecordReader, Row, Rows } from './rows.ts';

/**
 * A table whose rows have a reading of each sensor. A sensor that has no value in a row, since its cells are empty or stand for nothing, has no
 * reading there: it is counted, and rejected no more than a row that a logger did not write.
 */
export class WideRows implements Rows {
  /** What all sensors of a row have in common. */
  readonly #fields: readonly Field[];
  readonly #sensors: Wide['sensors'];
  readonly #cells: CellReader;
  readonly #records: RecordReader;

  constructor(fields: readonly Field[], { sensors }: Wide, readers: { cells: CellReader; records: RecordReader }) {
    this.#fields = fields;
    this.#sensors = sensors;
    this.#cells = readers.cells;
    this.#records = readers.records;
  } // biome-ignore format: short

  get passedOver(): PassedOver {
    return this.#records.passedOver;
  }

  get recordsPerRow(): number {
    return this.#sensors.length;
  }

  read(row: Row): readonly Settled[] {
    const common = this.#cells.read(this.#fields, row.cells).record;
    return this.#sensors.flatMap(({ sensorId, fields }) => {
      const own = this.#cells.read(fields, row.cells);
      if (
        !own.hasValue &&
        !own.nothing.values().some((reason) => reason === 'flagged') &&
        common.withdrawn !== true
      ) {
        passOver(this.passedOver, 'no-value');
        return [];
      }
      const station = common.sensorId;
      const id = station === undefined ? sensorId : `${station}-${sensorId}`;
      const settled = this.#records.read(row, { ...own, record: { ...common, ...own.record, sensorId: id } });
      return settled.map((each) => (each.lineNumber === row.lineNumber ? naming(id, each) : each));
    });
  }

  end(): readonly Settled[] {
    return this.#records.end();
  }
}

/** A rejection with the sensor that it is of: the line has several. */
function naming(sensorId: string, settled: Settled): Settled {
  const { outcome } = settled;
  if (outcome.kind !== 'rejected') return settled;
  return {
    ...settled,
    outcome: { ...outcome, detail: `${outcome.detail}. The sensor is ${show(sensorId)}` },
  };
}
