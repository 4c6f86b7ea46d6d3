import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writevSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * Records that were acknowledged and are not delivered yet. Each record lies in the file behind its length, so that a
 * write torn by a kill is recognized: the torn record was never acknowledged and is left out.
 */
export class RecordBuffer {
  readonly id: string;
  readonly beganAt: Date;
  readonly #path: string;
  #descriptor: number | undefined;
  #records: Buffer[];
  bytes: number;

  private constructor(path: string, id: string, beganAt: Date, records: Buffer[]) {
    this.#path = path;
    this.id = id;
    this.beganAt = beganAt;
    this.#records = records;
    this.bytes = records.reduce((sum, record) => sum + record.length, 0);
  }

  static begin(directory: string): RecordBuffer {
    const [beganAt, id] = [new Date(), randomUUID()];
    return new RecordBuffer(join(directory, `${beganAt.getTime()}.${id}.records`), id, beganAt, []);
  }

  /** The buffers that an earlier process left, oldest first. */
  static restore(directory: string): RecordBuffer[] {
    mkdirSync(directory, { recursive: true });
    return readdirSync(directory)
      .filter((name) => name.endsWith('.records'))
      .sort()
      .map((name) => {
        const [beganMs = '0', id = ''] = name.split('.');
        const path = join(directory, name);
        return new RecordBuffer(path, id, new Date(Number(beganMs)), unframe(readFileSync(path)));
      });
  }

  /** On disk when it returns: all of them in one write. */
  append(records: Buffer[]): void {
    this.#descriptor ??= openSync(this.#path, 'a');
    const pieces = records.flatMap((record) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(record.length);
      return [length, record];
    });
    const { size } = fstatSync(this.#descriptor);
    try {
      writeWhole(this.#descriptor, pieces);
    } catch (error) {
      // A full disk: what comes behind a torn record would not be found again.
      ftruncateSync(this.#descriptor, size);
      throw error;
    }
    this.#records.push(...records);
    for (const record of records) this.bytes += record.length;
  }

  /** The records, one behind the other, nothing between. */
  content(): Buffer {
    return Buffer.concat(this.#records, this.bytes);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /** After delivery. */
  remove(): void {
    this.close();
    this.#records = [];
    rmSync(this.#path, { force: true });
  }
}

function unframe(bytes: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) break;
    records.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return records;
}

/** One write for all pieces; the kernel may take less than it was given. */
function writeWhole(descriptor: number, pieces: readonly Buffer[]): void {
  let rest = pieces;
  while (rest.length > 0) {
    const written = writevSync(descriptor, rest);
    const total = rest.reduce((sum, piece) => sum + piece.length, 0);
    rest = written === total ? [] : [Buffer.concat(rest).subarray(written)];
  }
}
