import type { Dataset } from '../../dataset/dataset.ts';
import type { Line } from '../../dataset/reading.ts';
import type { JsonCondition, JsonFormat } from '../../formats/json-format.ts';
import { type JsonPath, parsePath, type Segment, valueAt } from '../../formats/json-path.ts';
import type { PassedOver } from '../parse-totals.ts';
import { rejected } from '../rejection.ts';
import type { Origin } from '../segment-origin.ts';
import { type DeviceMessage, isDeviceMessage, ofItsThing, readDeviceMessage } from './device-message.ts';
import { KnownShapes } from './known-shapes.ts';
import { noJson, parseLine, parseValue, takesUnnamed } from './ndjson.ts';
import { Records } from './records/records.ts';
import { anyRepeatedKey } from './repeated-keys.ts';

/** A format that says which lines are its own. */
interface LineFormat {
  readonly dataset: Dataset;
  /** Which values are read of a line; `undefined` where all of it has to be there. */
  readonly paths: readonly (readonly Segment[])[] | undefined;
  readonly conditions: readonly (readonly [segments: readonly Segment[], condition: JsonCondition])[];
  readonly records: Records;
}

/** Reads lines of JSON: of the own shape, and those that name no dataset as the formats say that take them. */
export class JsonLines {
  readonly #origin: Origin;
  readonly #datasets: readonly Dataset[];
  readonly #formats: readonly LineFormat[];
  /** Of lines that came to one reading each. */
  readonly #shapes = new KnownShapes<LineFormat>();

  constructor(origin: Origin, datasets: readonly Dataset[]) {
    this.#origin = origin;
    this.#datasets = datasets;
    const taking = origin.dataset === undefined ? datasets : [origin.dataset];
    this.#formats = taking.flatMap((dataset) =>
      dataset.allFormats.flatMap((format) =>
        format.kind === 'json' && format.when ? [lineFormat(dataset, format, format.when, origin)] : [],
      ),
    );
  }

  /**
   * What a line comes to whose like was read before, and in which everything is as it should be; `undefined` for any other.
   * @param bytes of the line, whose start is no white space
   */
  readKnown(bytes: Buffer): readonly Line[] | undefined {
    const known = this.#shapes.find(bytes, 0, bytes.length);
    if (known === undefined) return undefined;
    const { document, of } = known;
    // Its names are those of a line that no dataset takes without a format.
    for (const format of this.#formats)
      if (format.conditions.every((each) => holds(each, document)) !== (format === of)) return undefined;
    return of.records.readPlain(0, document)?.map(({ outcome }) => outcome);
  }

  /** What the records of a line, or of one value of it, come to: of the own shape it is one. */
  read(text: string, terminated: boolean, bytes: Buffer): readonly Line[] {
    const value = parseLine(text);
    if (value === undefined) return [noJson(text, terminated)];
    if (!isContainer(value) || Object.hasOwn(value, 'dataset')) return [this.#ownShape(text, value)];
    if (isDeviceMessage(value)) return this.#readSent(text, value);
    return (
      (this.#formats.length > 0 ? this.#readForeign(text, value, bytes) : undefined) ?? [
        this.#ownShape(text, value),
      ]
    );
  }

  #ownShape(text: string, value: unknown): Line {
    return parseValue(text, value, this.#origin, this.#datasets);
  }

  /** What a device sent is read by the format that takes the line, or else is of the own shape; whose sensors it may name is asked of both. */
  #readSent(text: string, value: DeviceMessage): readonly Line[] {
    const fault = anyRepeatedKey(text, value);
    if (fault !== undefined) return [fault];
    const outcomes =
      this.#readForeign(text, value, undefined) ?? readDeviceMessage(value, this.#origin, this.#datasets);
    return outcomes.map((outcome) => ofItsThing(outcome, value.thing));
  }

  /** Records of lines that count as no line. */
  get passedOver(): PassedOver {
    const counts: Record<string, number> = {};
    for (const { records } of this.#formats)
      for (const [reason, count] of Object.entries(records.passedOver))
        counts[reason] = (counts[reason] ?? 0) + count;
    return counts;
  }

  /** @param bytes of the line, where its like may be known by it */
  #readForeign(text: string, value: object, bytes: Buffer | undefined): readonly Line[] | undefined {
    const taking = this.#formats.filter(({ conditions }) => conditions.every((each) => holds(each, value)));
    const [format] = taking;
    if (format === undefined) return undefined;
    const unnamed =
      this.#origin.dataset === undefined ? this.#datasets.filter((each) => takesUnnamed(each, value)) : [];
    if (taking.length + unnamed.length > 1) {
      const names = [...taking.map(({ dataset }) => dataset), ...unnamed].map(({ name }) => name).join(', ');
      const detail = `dataset is missing, and the line is one that ${names} would take; accepted: one that takes it, by the \`when\` of its formats`;
      return [rejected('unknown-dataset', detail)];
    }
    const fault = anyRepeatedKey(text, value);
    if (fault !== undefined) return [fault];
    const outcomes = this.#outcomes(format, text, value);
    if (bytes && outcomes.length === 1 && outcomes[0]?.kind === 'reading') this.#learn(format, bytes, value);
    return outcomes;
  }

  #learn(format: LineFormat, bytes: Buffer, value: object): void {
    const conditions = this.#formats.flatMap((each) => each.conditions.map(([segments]) => segments));
    if (format.paths !== undefined)
      this.#shapes.learn(bytes, {
        ...{ of: format, values: format.paths, conditions },
        isSame: (part) => format.records.isSame(part, value),
      });
  }

  #outcomes({ records }: LineFormat, text: string, value: unknown): readonly Line[] {
    const outcomes: Line[] = [];
    for (const place of records.placesOf(value)) {
      if ('kind' in place) outcomes.push(place);
      else for (const { outcome } of records.read(0, place, () => text)) outcomes.push(outcome);
    }
    // Lines of several senders have no order, and nothing of one belongs to another.
    for (const { outcome } of records.end()) outcomes.push(outcome);
    return outcomes;
  }
}

function lineFormat(
  dataset: Dataset,
  format: JsonFormat,
  when: Readonly<Record<string, JsonCondition>>,
  origin: Origin,
): LineFormat {
  const conditions = Object.entries(when).map(
    ([path, condition]) => [(parsePath(path) as JsonPath).segments, condition] as const, // checked
  );
  const sensorId = origin.sensorId ?? format.sensorId;
  const records = new Records(dataset, format, { ...origin, sensorId });
  return { dataset, conditions, records, paths: records.reader.paths };
}

function holds([segments, condition]: LineFormat['conditions'][number], value: unknown): boolean {
  const found = valueAt(segments, value);
  if (condition === 'present') return found !== undefined && found !== null;
  return condition.some((accepted) => accepted === found);
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;
