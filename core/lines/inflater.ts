import { constants, createGunzip, type Gunzip, gzipSync } from 'node:zlib';

/** Inflates one gzip stream, piece by piece, into a sink. */
export interface Inflater {
  /** What broke the stream, if anything has: after a fault there is nothing more to write. @throws what the sink throws */
  write(bytes: Uint8Array): Promise<string | undefined> | string | undefined;
  /** As {@link write}; a stream that is cut off says `unexpected end of file`. */
  end(): Promise<string | undefined> | string | undefined;
}

/** What follows the last member of a gzip stream; zeros fill up blocks of tapes and are no data. */
const notGzip = 'what follows the compressed data is not gzip';
const isData = (bytes: Uint8Array): boolean => bytes.some((byte) => byte !== 0);

/** What is handed over at a time: fits the cache of a core, with the columns that it is read into. */
const pieceBytes = 524_288;

/**
 * An inflater. `sink` must be done with a piece when it returns.
 *
 * It works on the engine behind Node's stream, where that is as known, with one buffer for all of the output. Node has no public
 * call that inflates a stream piece by piece in place: `Gunzip` takes a new buffer for each piece and two turns of the event loop.
 * A whole ValidateSegment of 400,000 lines takes 1.2 to 1.5 times the CPU time with it in pieces of 64 KiB, and 1.1 times in
 * pieces of 256 KiB (medians of 10 to 20 pairs of calls in turns, on two cores that had other work).
 */
export function openInflater(sink: (piece: Buffer) => void): Inflater {
  engineWorks ??= probe();
  return engineWorks ? new EngineInflater(sink) : new StreamInflater(sink);
}

let engineWorks: boolean | undefined;

/** Whether the engine is there and does what {@link EngineInflater} takes for granted. */
function probe(): boolean {
  const text = 'engine '.repeat(100_000);
  let inflated = '';
  try {
    const inflater = new EngineInflater((piece) => {
      inflated += piece.toString('latin1');
    });
    return inflater.write(gzipSync(text)) === undefined && inflater.end() === undefined && inflated === text;
  } catch {
    return false;
  }
}

/** The part of Node's zlib binding that is used; the same since Node 11, but not a promise of Node's. */
interface Engine {
  onerror: (message: string) => void;
  /** Leaves in `_writeState` the room left in `output` and the bytes left of `input`. */
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputBytes: number,
    output: Uint8Array,
    outputAt: number,
    outputBytes: number,
  ): void;
}

export class EngineInflater implements Inflater {
  readonly #sink: (piece: Buffer) => void;
  readonly #gunzip = createGunzip() as Gunzip & { _handle: Engine; _writeState: Uint32Array }; // see Engine
  readonly #output = Buffer.allocUnsafeSlow(pieceBytes);
  #fault: string | undefined;
  #isOver = false;

  constructor(sink: (piece: Buffer) => void) {
    this.#sink = sink;
    this.#gunzip._handle.onerror = (message) => {
      this.#fault = message;
    };
  }

  write(bytes: Uint8Array): string | undefined {
    return this.#run(constants.Z_NO_FLUSH, bytes);
  }

  end(): string | undefined {
    const fault = this.#run(constants.Z_FINISH, new Uint8Array(0));
    this.#gunzip.close();
    return fault;
  }

  #run(flush: number, bytes: Uint8Array): string | undefined {
    const { _handle: engine, _writeState: state } = this.#gunzip;
    if (this.#isOver && isData(bytes)) this.#fault ??= notGzip;
    let at = 0;
    while (!this.#isOver) {
      engine.writeSync(flush, bytes, at, bytes.length - at, this.#output, 0, pieceBytes);
      if (this.#fault !== undefined) {
        this.#isOver = true;
        this.#gunzip.close();
        return this.#fault;
      }
      const [room = 0, left = 0] = state;
      at = bytes.length - left;
      if (room < pieceBytes) this.#sink(this.#output.subarray(0, pieceBytes - room));
      if (room > 0) {
        this.#isOver = left > 0; // with room left it wants no more
        if (isData(bytes.subarray(at))) this.#fault = notGzip;
        break;
      }
    }
    return this.#fault;
  }
}

/** A gunzip stream whose every write is waited for, so that all output before a fault has been handed over. */
export class StreamInflater implements Inflater {
  readonly #gunzip: Gunzip = createGunzip({ chunkSize: 65_536 });
  #fault: string | undefined;
  #given = 0;
  #thrown: { error: unknown } | undefined;
  #settle = () => {};

  constructor(sink: (piece: Buffer) => void) {
    this.#gunzip.on('data', (chunk: Buffer) => {
      try {
        if (!this.#thrown) sink(chunk);
      } catch (error) {
        // Thrown from an event it would end the process: it is thrown by `write` instead.
        this.#thrown = { error };
        this.#gunzip.destroy();
      }
    });
    // Not every write that is under way at a fault, or at zeros after the last member, is called back.
    this.#gunzip.on('close', () => this.#settle());
    this.#gunzip.on('error', (error: Error) => {
      this.#fault = error.message;
    });
  }

  async write(slice: Uint8Array): Promise<string | undefined> {
    await new Promise<void>((resolve) => {
      this.#settle = resolve;
      if (this.#gunzip.destroyed) resolve();
      else this.#gunzip.write(slice, () => (this.#gunzip.errored ? undefined : resolve()));
    });
    if (this.#thrown) throw this.#thrown.error;
    this.#given += slice.length;
    const left = this.#given - this.#gunzip.bytesWritten;
    if (left > 0 && isData(slice.subarray(-left))) this.#fault ??= notGzip;
    return this.#fault;
  }

  async end(): Promise<string | undefined> {
    if (!this.#gunzip.closed) {
      const closed = new Promise((resolve) => this.#gunzip.on('close', resolve));
      this.#gunzip.end();
      await closed;
    }
    if (this.#thrown) throw this.#thrown.error;
    return this.#fault;
  }
}
