/**
 * Containers say their own length. These walkers compare it with the bytes that are there, without reading any
 * payload: a file that lies is refused before a parser believes it.
 */

/** Answers how the container's lengths contradict its `bytes`, or `undefined` when they agree or it has none. */
export function lengthLie(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const name = (at: number): string =>
    at + 4 <= bytes.length ? String.fromCharCode(...bytes.subarray(at, at + 4)) : '';
  if (name(0) === 'RIFF') return riffLie(view, name);
  if (name(4) === 'ftyp') return boxLie(view, name);
  return undefined;
}

/** RIFF: the form and every chunk in it end inside the file; an odd chunk may lack its padding byte at the end. */
function riffLie(view: DataView, name: (at: number) => string): string | undefined {
  if (view.byteLength < 12) return `RIFF of ${view.byteLength} bytes has no form type`;
  const formEnd = 8 + view.getUint32(4, true);
  if (formEnd > view.byteLength + 1) return `RIFF says ${formEnd} bytes, there are ${view.byteLength}`;
  for (let at = 12; at + 8 <= formEnd && at + 8 <= view.byteLength; ) {
    const size = view.getUint32(at + 4, true);
    const end = at + 8 + size;
    if (end > view.byteLength) {
      return `chunk '${name(at)}' at ${at} says ${size} bytes, ${view.byteLength - at - 8} are left`;
    }
    at = end + (size % 2);
  }
  return undefined;
}

/** ISO base media (MP4, MOV, M4A): the top-level boxes fill the file. Size 0 runs to the end, size 1 is 64 bits wide. */
function boxLie(view: DataView, name: (at: number) => string): string | undefined {
  for (let at = 0; at < view.byteLength; ) {
    const left = view.byteLength - at;
    if (left < 8) return `${left} bytes after the last box`;
    let size = view.getUint32(at);
    if (size === 0) return undefined;
    if (size === 1) {
      if (left < 16) return `box '${name(at + 4)}' at ${at} has no length`;
      size = Number(view.getBigUint64(at + 8));
    }
    if (size < 8 || size > left) {
      return `box '${name(at + 4)}' at ${at} says ${size} bytes, ${left} are left`;
    }
    at += size;
  }
  return undefined;
}
