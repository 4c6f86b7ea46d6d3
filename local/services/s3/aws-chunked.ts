import { AwsError } from '../../engine/calls.ts';

const maxLineBytes = 16 * 1024;

/**
 * Decodes a body of `content-encoding: aws-chunked`: yields the payload and, at its end, fills `trailers` (names in
 * lower case). Chunk signatures are not verified. Throws IncompleteBody when the body ends early.
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  let buffered: Buffer = Buffer.alloc(0);
  let left = 0;
  let state: 'size' | 'data' | 'end of data' | 'trailers' = 'size';
  for await (const piece of source) {
    buffered = buffered.length === 0 ? piece : Buffer.concat([buffered, piece]);
    while (buffered.length > 0) {
      if (state === 'data') {
        const taken = buffered.subarray(0, left);
        buffered = buffered.subarray(taken.length);
        left -= taken.length;
        if (left === 0) state = 'end of data';
        yield taken;
        continue;
      }
      const end = buffered.indexOf('\r\n');
      if (end < 0) {
        if (buffered.length > maxLineBytes) throw incomplete();
        break;
      }
      const line = buffered.toString('latin1', 0, end);
      buffered = buffered.subarray(end + 2);
      if (state === 'end of data') {
        state = 'size';
      } else if (state === 'size') {
        left = Number.parseInt(line, 16);
        if (!/^[0-9a-fA-F]+(;|$)/.test(line)) throw incomplete();
        state = left === 0 ? 'trailers' : 'data';
      } else if (line.length > 0) {
        const colon = line.indexOf(':');
        trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
      }
    }
  }
  if (state !== 'trailers') throw incomplete();
}

function incomplete(): AwsError {
  return new AwsError('IncompleteBody', 'The aws-chunked body is malformed or ended before its last chunk.');
}
