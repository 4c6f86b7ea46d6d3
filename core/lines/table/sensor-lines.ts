import { readSensorId } from '../../dataset/sensor-id.ts';
import { sensorIn } from '../../formats/column-name.ts';

/** The sensor of rows that lines between them name, as headers of sections do. */
export class SensorLines {
  readonly #patterns: readonly string[];
  /** By pattern, of the lines above the next row. */
  #found: (string | undefined)[];
  /** Rows came since: what the next such line says begins anew. */
  #isUsed = false;

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns;
    this.#found = patterns.map(() => undefined);
  }

  /** A line that is no row. */
  note(line: string): void {
    const own = this.#patterns.map((pattern) => sensorIn(pattern, line));
    if (own.every((id) => id === undefined)) return;
    if (this.#isUsed) this.#found = own;
    else this.#found = this.#found.map((known, at) => own[at] ?? known);
    this.#isUsed = false;
  }

  /** The sensor of a row below them, in canonical form; `undefined` where one of its parts is missing, or it is none. */
  get sensorId(): string | undefined {
    this.#isUsed = true;
    if (this.#found.includes(undefined)) return undefined;
    const read = readSensorId(this.#found.join('-'));
    return 'id' in read ? read.id : undefined;
  }
}
