import { inflate } from '../lines/inflate.ts';
import { peek } from '../lines/parse-segment.ts';
import { type FileStart, inspectedBytes } from './inspect-file.ts';

/**
 * The first {@link inspectedBytes} of a file, uncompressed; no more of it is read than that takes.
 * @param name with or without folders and `.gz`, where it has one
 * @throws only what reading the bytes throws
 */
export async function fileStart(
  bytes: AsyncIterable<Uint8Array>,
  name: string | undefined,
): Promise<FileStart> {
  const { start, all } = await peek(bytes);
  const pieces: Uint8Array[] = [];
  let length = 0;
  const take = (piece: Uint8Array) => {
    if (length > inspectedBytes) return;
    pieces.push(Uint8Array.from(piece));
    length += piece.length;
  };
  async function* needed() {
    for await (const chunk of all) {
      yield chunk;
      if (length > inspectedBytes) return;
    }
  }
  const isGzip = start[0] === 0x1f && start[1] === 0x8b;
  if (isGzip) await inflate(needed(), take);
  else for await (const chunk of needed()) take(chunk);
  const read = Buffer.concat(pieces);
  return {
    bytes: read.subarray(0, inspectedBytes),
    isWhole: read.length <= inspectedBytes,
    name: name?.split('/').at(-1)?.replace(/\.gz$/i, ''),
  };
}
