import { createReadStream } from 'node:fs';
import { countOf, formatBytes, formatCount } from '../../cli/format.ts';
import { createProgress } from '../../cli/progress.ts';
import { refusalText } from '../../cli/refusal-text.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { type Preview, previewSegment } from '../../core/preview/preview-segment.ts';
import { fileWord, optionWords } from '../../core/shell-word.ts';
import type { LandingFile } from './landing-files.ts';

/** A file with what it would come to; without `preview` where it is too large to be looked at here. */
export interface CheckedFile {
  readonly file: LandingFile;
  readonly preview?: Preview;
}

/** Larger files are not read before they are sent: their readings would have to be in memory. Compressed ones are taken for ten times as large. */
const maxReadBytes = 512 * 1024 * 1024;

const isRead = ({ path, size }: LandingFile): boolean =>
  (path.endsWith('.gz') ? 10 : 1) * size <= maxReadBytes;

/** Reads files as ValidateSegment would, one after another. */
export async function checkFiles(
  files: readonly LandingFile[],
  { dataset, nowMs }: { dataset: Dataset; nowMs: number },
): Promise<CheckedFile[]> {
  const total = files.filter(isRead).reduce((sum, { size }) => sum + size, 0);
  const bar = createProgress({ total });
  const checked: CheckedFile[] = [];
  let done = 0;
  try {
    for (const file of files) {
      if (!isRead(file)) {
        checked.push({ file });
        continue;
      }
      const bytes = counted(file.path, (more) => {
        done += more;
        bar.update(() => `reading ${file.path}, ${formatBytes(done)} of ${formatBytes(total)}`, done);
      });
      const source = { key: file.key, arrivedMs: nowMs, accepted: false };
      checked.push({ file, preview: await previewSegment({ source, dataset, bytes }, { examples: 0 }) });
    }
  } finally {
    bar.stop();
  }
  return checked;
}

async function* counted(path: string, read: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    yield piece as Buffer;
    read((piece as Buffer).length);
  }
}

/** Whether any line of a file would be accepted, as far as that was looked at. */
export const wouldGoWell = ({ preview }: CheckedFile): boolean =>
  preview === undefined || (preview.totals.refusal === undefined && preview.totals.valid > 0);

/** A line a file of what it would come to, with why where nothing of it would be taken. */
export function checkText({ file, preview }: CheckedFile): string[] {
  if (preview === undefined)
    return [
      `not read     ${file.path}: with ${formatBytes(file.size)} it is too large to be looked at before it is sent`,
    ];
  const { totals, contested, months } = preview;
  if (totals.refusal !== undefined) return [`read         ${file.path}`, ...refusalText(totals.refusal)];
  const reasons = Object.entries(totals.rejected)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${reason} ${formatCount(count)}`);
  const [first, last] = [months[0]?.period, months.at(-1)?.period];
  return [
    `read         ${file.path}: ${countOf(totals.lines, 'line')}, ${formatCount(totals.valid)} accepted${[
      reasons.length === 0 ? '' : `, rejected: ${reasons.join(', ')}`,
      contested.count === 0 ? '' : `; ${countOf(contested.count, 'reading')} said in several ways`,
      first === undefined ? '' : `; ${first === last ? first : `${first} to ${last}`}`,
    ].join('')}`,
  ];
}

/** Why nothing was sent, and the ways on. */
export function stoppedText(
  checked: readonly CheckedFile[],
  { dataset, sensorId }: { dataset: Dataset; sensorId: string | undefined },
): string[] {
  const sensor = sensorId === undefined ? '' : ` ${optionWords('--sensor', sensorId)}`;
  const bad = checked.filter((each) => !wouldGoWell(each)).map(({ file }) => file.path);
  return [
    `✗ Nothing was uploaded: no line of ${bad.join(', ')} would be accepted.`,
    ...bad.map(
      (path) =>
        `  see why:              npm run caudal -- preview ${fileWord(path)} --dataset ${dataset.name}${sensor}`,
    ),
    '  send it all the same: repeat the command with --without-preview',
  ];
}

/** For machines. */
export const plainCheck = ({ file: { path, size, key }, preview }: CheckedFile) => ({
  path,
  bytes: size,
  key,
  ...(preview && {
    lines: preview.totals.lines,
    accepted: preview.totals.valid,
    rejected: preview.totals.rejected,
    ...(preview.totals.refusal && { refusal: preview.totals.refusal }),
  }),
});
