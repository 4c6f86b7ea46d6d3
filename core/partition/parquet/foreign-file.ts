import { type AsyncBuffer, type FileMetaData, parquetRead } from 'hyparquet';
import type { Target } from './read-file.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * As `readParquet`, for files of other writers: any encoding, and the codecs that hyparquet has.
 * @param startsAt where in the file the bytes begin
 */
export async function readForeignParquet(
  bytes: Uint8Array,
  metadata: FileMetaData,
  targets: Map<string, Target>,
  startsAt = 0,
): Promise<void> {
  const file: AsyncBuffer = {
    byteLength: startsAt + bytes.byteLength,
    slice: (start, end) =>
      new Uint8Array(bytes.subarray(start - startsAt, end === undefined ? end : end - startsAt)).buffer,
  };
  const last = { text: undefined as unknown };
  await parquetRead({
    file,
    metadata,
    parsers: { timestampFromMilliseconds: Number, stringFromBytes: (text) => text && decoder.decode(text) },
    onChunk: ({ columnName, columnData, rowStart }) => {
      const target = targets.get(columnName);
      if (!target) return;
      for (let row = 0; row < columnData.length; row++) {
        const value = columnData[row] ?? null;
        if (value === null) continue;
        if (target.type === 'wholes') target.values[rowStart + row] = Number(value);
        else if (target.type !== 'numbered') target.values[rowStart + row] = value;
        else {
          if (value !== last.text) target.texts.push(value);
          last.text = value;
          target.values[rowStart + row] = target.texts.length - 1;
        }
      }
    },
  });
}
