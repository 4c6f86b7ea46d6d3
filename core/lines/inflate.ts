import { openInflater } from './inflater.ts';

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
  sink: (piece: Buffer) => void,
  open = openInflater,
): Promise<string | undefined> {
  const kept: Uint8Array[] = [];
  let total = 0;
  let delivered = 0;
  const inflater = open((piece) => {
    delivered += piece.length;
    sink(piece);
  });
  for await (const chunk of source) {
    for (let start = 0; start < chunk.length; start += sliceBytes) {
      const slice = chunk.subarray(start, start + sliceBytes);
      const fault = await inflater.write(slice);
      if (fault !== undefined) {
        if (total <= keptBytes) await salvage([kept, slice], delivered, sink, open);
        return fault;
      }
      total += slice.length;
      if (total <= keptBytes) kept.push(slice);
      else kept.length = 0;
    }
  }
  return inflater.end();
}

/** Inflates what is sound and then what is broken, byte by byte, handing over what comes after the first `skip` bytes. */
async function salvage(
  [sound, broken]: readonly [readonly Uint8Array[], Uint8Array],
  skip: number,
  sink: (piece: Buffer) => void,
  open: typeof openInflater,
): Promise<void> {
  let toSkip = skip;
  const inflater = open((piece) => {
    const skipped = Math.min(toSkip, piece.length);
    toSkip -= skipped;
    if (skipped < piece.length) sink(piece.subarray(skipped));
  });
  for (const slice of sound) await inflater.write(slice);
  for (let at = 0; at < broken.length; at++) {
    if ((await inflater.write(broken.subarray(at, at + 1))) !== undefined) return;
  }
}
