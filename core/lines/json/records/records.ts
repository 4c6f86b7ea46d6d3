import type { Dataset } from '../../../dataset/dataset.ts';
import type { Rejected } from '../../../dataset/reading.ts';
import type { JsonFormat } from '../../../formats/json-format.ts';
import { Assembly } from '../../assembly.ts';
import { type PassedOver, passOver } from '../../parse-totals.ts';
import type { Settled } from '../../settled.ts';
import { RepeatedHour } from '../../table/repeated-hour.ts';
import type { RecordContext } from '../ndjson.ts';
import { senmlRecords } from '../senml.ts';
import { sqsRecords } from '../sqs.ts';
import type { ListOfRecords, Place } from './record-places.ts';
import { RecordReader } from './record-reader.ts';

/** Reads the records of a file, or of one line, and settles what more than one of them tell: repeated hours, and values one by one. */
export class Records {
  readonly reader: RecordReader;
  readonly #context: RecordContext;
  /** What resolves documents into records, where a path doesn't. */
  readonly #unwrap: ((document: unknown) => Iterable<Place | Rejected>) | undefined;
  readonly #passedOver: PassedOver = {};
  /** Readings whose values come one by one. */
  readonly #assembly: Assembly;
  /** For times without an offset. */
  #hours: RepeatedHour;

  constructor(dataset: Dataset, format: JsonFormat, context: RecordContext) {
    this.reader = new RecordReader(dataset, format, context);
    this.#context = context;
    this.#unwrap =
      format.syntax === 'senml' ? senmlRecords : format.syntax === 'sqs' ? sqsRecords : undefined;
    this.#assembly = new Assembly(dataset, context);
    this.#hours = new RepeatedHour(context.arrivedMs);
  }

  /** The records of a document. */
  placesOf(document: unknown): Iterable<Place | Rejected> {
    return this.#unwrap?.(document) ?? this.reader.places.of(document);
  }

  /** Where the records of a document are that is too large to be held; `undefined` where it has to be held for them. */
  get list(): ListOfRecords | undefined {
    return this.#unwrap ? undefined : this.reader.places.list;
  }

  /** Records that count as no line. */
  get passedOver(): PassedOver {
    const { joined } = this.#assembly;
    return joined === 0 ? this.#passedOver : { ...this.#passedOver, joined };
  }

  /** @returns what is settled by a record, of it and of those before */
  read(lineNumber: number, place: Place, textOf: () => string): readonly Settled[] {
    const outcome = this.reader.read(place);
    switch (outcome.kind) {
      case 'passed-over':
        passOver(this.#passedOver, outcome.reason);
        return [];
      case 'part':
        return this.#assembly.add({ lineNumber, text: textOf(), ...outcome.part });
      case 'twice-shown':
        return this.#hours.hold({ lineNumber, text: textOf(), row: outcome });
      case 'reading': {
        const settled = this.#hours.pass(outcome.reading);
        const own = { lineNumber, text: outcome.dropped.length === 0 ? '' : textOf(), outcome };
        return settled.length === 0 ? [own] : [...settled, own];
      }
      default:
        return [{ lineNumber, text: textOf(), outcome }];
    }
  }

  /**
   * Reads a document of which what is read is there, and perhaps nothing else.
   * @returns what is settled by it; `undefined` where not everything in it is as it should be: then it has to be read whole
   */
  readPlain(lineNumber: number, document: unknown): readonly Settled[] | undefined {
    const outcome = this.reader.readPlain(wholeDocument(document));
    if (outcome?.kind !== 'passed-over')
      return outcome && [...this.#hours.pass(outcome.reading), { lineNumber, text: '', outcome }];
    passOver(this.#passedOver, outcome.reason);
    return [];
  }

  /** Whether a part of a document, with what is read, comes to the same reading as all of it. */
  isSame(part: unknown, document: unknown): boolean {
    const textOf = (each: unknown) => {
      const outcome = this.reader.readPlain(wholeDocument(each));
      return outcome?.kind === 'reading' ? JSON.stringify(outcome.reading) : undefined;
    };
    const known = textOf(part);
    return known !== undefined && known === textOf(document);
  }

  /** No record comes any more, or none that has to do with those before. */
  end(): readonly Settled[] {
    const settled = [...this.#hours.end(), ...this.#assembly.end()];
    this.#hours = new RepeatedHour(this.#context.arrivedMs);
    return settled;
  }
}

const wholeDocument = (document: unknown): Place => ({ record: document, nodes: [document], keys: [] });
