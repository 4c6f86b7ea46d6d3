import { oneLine } from '../../cli/print.ts';
import { refusalText } from '../../cli/refusal-text.ts';
import { mayBeAccepted } from '../../core/lines/gate.ts';
import { fileWord, optionWords, shellWord } from '../../core/shell-word.ts';
import type { RefusedFile } from '../../handlers/operations/rejects/refused-files.ts';

/** A refused file with why, its lines, and the command for each way out. */
export function refusedText({ key, refusal, hasEarlier }: Omit<RefusedFile, 'arrivedMs'>): string[] {
  const [, dataset = '', ...rest] = key.split('/');
  const fileName = rest.at(-1);
  const sensor = rest.length > 1 ? ` ${optionWords('--sensor', sensorOf(rest[0] ?? ''))}` : '';
  return [
    oneLine(key),
    ...refusalText(refusal),
    ...(hasEarlier ? ['  What an earlier version of the file has given stays, and counts.'] : []),
    refusal.reason === 'unknown-format' || fileName === undefined
      ? `  replace it: upload it again as it should be${fileName === undefined ? ', under the same key' : ', with a name that tells what it is, and delete this one'}`
      : `  replace it:       npm run caudal -- upload ${fileWord(fileName)} --dataset ${dataset}${sensor}`,
    ...(mayBeAccepted(refusal) ? [`  take it as it is: npm run caudal -- accept ${shellWord(key)}`] : []),
  ];
}

/** Of a folder as anybody may name it: one whose percent signs encode nothing is told as it is. */
function sensorOf(folder: string): string {
  try {
    return decodeURIComponent(folder);
  } catch {
    return folder;
  }
}
