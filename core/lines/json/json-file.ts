import type { Dataset } from '../../dataset/dataset.ts';
import type { Line, Rejected } from '../../dataset/reading.ts';
import type { JsonFormat } from '../../formats/json-format.ts';
import { show } from '../rejection.ts';
import { RepeatedHour } from '../table/repeated-hour.ts';
import { DocumentReader } from './document-reader.ts';
import type { RecordContext } from './ndjson.ts';
import type { Place } from './record-places.ts';
import { RecordReader } from './record-reader.ts';

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
}

/** Reads an uploaded file of JSON as a format says. */
export class JsonFile {
  readonly #sink: JsonFileSink;
  readonly #records: RecordReader;
  readonly #documents: DocumentReader;
  /** For times without an offset. */
  readonly #hours: RepeatedHour;

  constructor(dataset: Dataset, format: JsonFormat, context: RecordContext, sink: JsonFileSink) {
    this.#sink = sink;
    this.#records = new RecordReader(dataset, format, context);
    this.#hours = new RepeatedHour(context.arrivedMs);
    this.#documents = new DocumentReader(
      {
        record: (lineNumber, place, text) => this.#record(lineNumber, place, text),
        rejected: (lineNumber, outcome, text) => sink.tell(lineNumber, outcome, text),
        begins: (lineNumber, text) => sink.begins(lineNumber, text),
        refuse: (detail) => sink.refuse(detail),
        faultOf: (text, bytes) => sink.faultOf(text, bytes),
      },
      { places: this.#records.places, parse: this.#records.parse },
    );
  }

  push(chunk: Uint8Array): void {
    this.#documents.push(chunk);
  }

  end(): void {
    this.#documents.end();
    this.#settleHours();
  }

  /** The stream broke. @returns where, and what was held of a document */
  breakOff(): { lineNumber: number; text: string } {
    this.#settleHours();
    const { lineNumber } = this.#documents;
    return { lineNumber, text: this.#documents.takeHeld() };
  }

  /** What the records say against how they were read: then also those that could be read may be wrong. */
  get contradiction(): string | undefined {
    return this.#records.notation.otherDays ?? this.#records.notation.otherNumbers;
  }

  #record(lineNumber: number, place: Place, documentText: string | undefined): void {
    const outcome = this.#records.read(place);
    if (outcome.kind === 'reading') {
      this.#settle(this.#hours.pass(outcome.reading));
      this.#sink.tell(lineNumber, outcome, documentText ?? '');
      return;
    }
    const text = documentText ?? show(place.record);
    if (outcome.kind === 'twice-shown') this.#settle(this.#hours.hold({ lineNumber, text, row: outcome }));
    else this.#sink.tell(lineNumber, outcome, text);
  }

  #settleHours(): void {
    this.#settle(this.#hours.end());
  }

  #settle(settled: ReturnType<RepeatedHour['end']>): void {
    for (const { lineNumber, outcome, text } of settled) this.#sink.tell(lineNumber, outcome, text);
  }
}
