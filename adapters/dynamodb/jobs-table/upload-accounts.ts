import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Linking, UploadAccounts } from '../../../ports/toons.ts';
import { rewrite } from '../calls.ts';
import { uploadsKey } from './keys.ts';

const hourMs = 3_600_000;
/** What an hour's links may upload counts until the hour's end is a day ago: within no 24 hours there are more bytes than may be. */
const countedMs = 25 * hourMs;

/** Links that a client got within one hour. */
interface LinkedHour {
  /** Its beginning, UTC ms. */
  readonly from: number;
  readonly bytes: number;
}

/** What clients got links to upload, an item a client. The role needs `dynamodb:GetItem` and `PutItem`. */
export function createUploadAccounts(documents: DynamoDBDocumentClient, table: string): UploadAccounts {
  return {
    link({ clientId, bytes, atMs }, maxBytes) {
      return rewrite<Linking>(documents, table, uploadsKey(clientId), async (item) => {
        const listed = (item?.hours ?? []) as readonly LinkedHour[]; // written below alone, in their order
        const hours = listed.filter(({ from }) => from + countedMs > atMs);
        const linked = sum(hours);
        if (linked + bytes > maxBytes) {
          const frees = hours.findIndex((_, index) => sum(hours.slice(index + 1)) + bytes <= maxBytes);
          const freeAtMs = (hours[frees]?.from ?? atMs) + countedMs;
          return { answer: { kind: 'full', bytes: linked, freeAtMs } };
        }
        const from = atMs - (atMs % hourMs);
        const before = hours.filter((hour) => hour.from !== from);
        const same = hours.find((hour) => hour.from === from)?.bytes ?? 0;
        const added = [...before, { from, bytes: same + bytes }].sort((a, b) => a.from - b.from);
        const last = added.at(-1)?.from ?? from;
        return {
          answer: { kind: 'linked' },
          item: { hours: added, expiration: (last + countedMs) / 1000 },
        };
      });
    },
  };
}

const sum = (hours: readonly LinkedHour[]): number => hours.reduce((total, { bytes }) => total + bytes, 0);
