import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { InputFile } from '../../cli/input-file.ts';
import { type FileStart, inspectedBytes } from '../../core/inspect/inspect-file.ts';
import { peek } from '../../core/lines/parse-segment.ts';

/** The first {@link inspectedBytes} of a file, uncompressed. */
export async function fileStart(file: InputFile, name: string | undefined): Promise<FileStart> {
  const { start, all } = await peek(file.open());
  const isGzip = start[0] === 0x1f && start[1] === 0x8b;
  const source = Readable.from(all);
  const bytes = isGzip ? source.pipe(createGunzip()) : source;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > inspectedBytes) break;
  }
  source.destroy(); // of a file that goes on, no more is read
  const read = Buffer.concat(chunks);
  return {
    bytes: read.subarray(0, inspectedBytes),
    isWhole: read.length <= inspectedBytes,
    name: name?.split('/').at(-1)?.replace(/\.gz$/i, ''),
  };
}
