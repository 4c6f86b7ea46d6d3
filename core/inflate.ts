import { createGunzip, type Gunzip } from 'node:zlib';

/** Inflate works on this much at a time; where it breaks, the slice is gone through again byte by byte. */
const sliceBytes = 16_384;
/** Compressed bytes kept for going through them again: past it, a broken stream loses the lines of its last slice. */
const keptBytes = 64 * 1_048_576;

/**
 * Inflates a gzip stream, of one or more members, into `sink`, in order, and waits for nothing else: memory is bounded by
 * the 64 MiB of compressed bytes that are kept. Returns `undefined` at a sound end, or what broke the stream after
 * every byte that could be had was handed over.
 */
export async function inflate(
  source: AsyncIterable<Uint8Array>,
  sink: (chunk: Buffer) => void,
): Promise<string | undefined> {
  const kept: Uint8Array[] = [];
  let total = 0;
  let delivered = 0;
  const inflater = new Inflater((chunk) => {
    delivered += chunk.length;
    sink(chunk);
  });
  for await (const chunk of source) {
    for (let start = 0; start < chunk.length; start += sliceBytes) {
      const slice = chunk.subarray(start, start + sliceBytes);
      const fault = await inflater.write(slice);
      if (fault !== undefined) {
        if (total <= keptBytes) await salvage(kept, slice, delivered, sink);
        return fault;
      }
      total += slice.length;
      if (total <= keptBytes) kept.push(slice);
      else kept.length = 0;
    }
  }
  return inflater.end();
}

/** Inflates `sound` and then `broken` byte by byte, handing over what comes after the first `skip` bytes. */
async function salvage(
  sound: readonly Uint8Array[],
  broken: Uint8Array,
  skip: number,
  sink: (chunk: Buffer) => void,
): Promise<void> {
  let toSkip = skip;
  const inflater = new Inflater((chunk) => {
    const skipped = Math.min(toSkip, chunk.length);
    toSkip -= skipped;
    if (skipped < chunk.length) sink(chunk.subarray(skipped));
  });
  for (const slice of sound) await inflater.write(slice);
  for (let at = 0; at < broken.length; at++) {
    if ((await inflater.write(broken.subarray(at, at + 1))) !== undefined) return;
  }
}

/** A gunzip stream whose every write is waited for, so that all output before a fault has been handed over. */
class Inflater {
  readonly #gunzip: Gunzip = createGunzip({ chunkSize: 65_536 });
  #fault: string | undefined;
  #thrown: { error: unknown } | undefined;
  #settle = () => {};

  constructor(sink: (chunk: Buffer) => void) {
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

  /** What broke the stream, if anything has. @throws what the sink throws */
  async write(slice: Uint8Array): Promise<string | undefined> {
    await new Promise<void>((resolve) => {
      this.#settle = resolve;
      if (this.#gunzip.destroyed) resolve();
      else this.#gunzip.write(slice, () => (this.#gunzip.errored ? undefined : resolve()));
    });
    if (this.#thrown) throw this.#thrown.error;
    return this.#fault;
  }

  /** As {@link write}; a stream that is cut off says `unexpected end of file`. */
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
