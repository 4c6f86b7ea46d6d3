import type { Dataset } from '../../dataset/dataset.ts';
import type { Line, Rejected } from '../../dataset/reading.ts';
import type { JsonFormat } from '../../formats/json-format.ts';
import type { PassedOver } from '../parse-totals.ts';
import { show } from '../rejection.ts';
import type { Settled } from '../settled.ts';
import { DocumentReader, type DocumentSink, type KnownDocuments } from './documents/document-reader.ts';
import { KnownShapes } from './known-shapes.ts';
import type { RecordContext } from './ndjson.ts';
import { PointReader } from './point-reader.ts';
import { Records } from './records/records.ts';

/** What is told of an uploaded file. */
export interface JsonFileSink {
  /** The outcome of a record, under the line in which its document begins. */
  tell(lineNumber: number, outcome: Line, text: string): void;
  /** A document, or what should be one, begins. */
  begins(lineNumber: number, text: string): void;
  /** Nothing of the file can be read as what it says. */
  refuse(detail: string): void;
  /** What is wrong with the characters of a text. */
  faultOf(text: string, bytes: Uint8Array): Rejected | undefined;
  /** Whether a document may be taken that was not told to begin. */
  mayTake(): boolean;
}

/** Reads an uploaded file of JSON, or of points that are read as JSON is, as a format says. */
export class JsonFile {
  readonly #sink: JsonFileSink;
  readonly #records: Records;
  readonly #documents: DocumentReader | PointReader;

  constructor(dataset: Dataset, format: JsonFormat, context: RecordContext, sink: JsonFileSink) {
    this.#sink = sink;
    this.#records = new Records(dataset, format, context);
    const { reader } = this.#records;
    const documents: DocumentSink = {
      record: (lineNumber, place, text) =>
        this.#settle(this.#records.read(lineNumber, place, () => text ?? show(place.record))),
      rejected: (lineNumber, outcome, text) => sink.tell(lineNumber, outcome, text),
      begins: (lineNumber, text) => sink.begins(lineNumber, text),
      refuse: (detail) => sink.refuse(detail),
      faultOf: (text, bytes) => sink.faultOf(text, bytes),
    };
    const { paths } = reader;
    const shapes = new KnownShapes<Records>();
    const known: KnownDocuments | undefined = paths && {
      learn: (bytes, value) =>
        shapes.learn(bytes, {
          ...{ of: this.#records, values: paths, conditions: [] },
          isSame: (part) => this.#records.isSame(part, value),
        }),
      take: (lineNumber, bytes, to) => {
        const found = sink.mayTake() ? shapes.find(bytes, 0, to) : undefined;
        const settled = found && this.#records.readPlain(lineNumber, found.document);
        if (settled !== undefined) this.#settle(settled);
        return settled !== undefined;
      },
    };
    const placesOf = (document: unknown) => this.#records.placesOf(document);
    this.#documents =
      format.syntax === 'line-protocol'
        ? new PointReader(documents, { placesOf, timeFormat: format.time?.format })
        : new DocumentReader(documents, {
            placesOf,
            isWhole: reader.places.isWhole,
            parse: reader.parse,
            list: this.#records.list,
            known,
          });
  }

  push(chunk: Uint8Array): void {
    this.#documents.push(chunk);
  }

  end(): void {
    this.#documents.end();
    this.#settle(this.#records.end());
  }

  /** The stream broke. @returns where, and what was held of a document */
  breakOff(): { lineNumber: number; text: string } {
    this.#settle(this.#records.end());
    const { lineNumber } = this.#documents;
    return { lineNumber, text: this.#documents.takeHeld() };
  }

  /** What the records say against how they were read: then also those that could be read may be wrong. */
  get contradiction(): string | undefined {
    const { notation } = this.#records.reader;
    return notation.otherDays ?? notation.otherNumbers;
  }

  /** Records that count as no line. */
  get passedOver(): PassedOver {
    return this.#records.passedOver;
  }

  #settle(settled: readonly Settled[]): void {
    for (const { lineNumber, outcome, text } of settled) this.#sink.tell(lineNumber, outcome, text);
  }
}
