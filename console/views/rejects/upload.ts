import type { Api } from '../../api/client.ts';
import type { Answer } from '../../api/operations.ts';
import { reaching } from '../../api/problem.ts';

/** Where mended lines go: below the folder that they came from. */
export interface Place {
  readonly dataset: string;
  /** Below the dataset's own, with the slash at its end. */
  readonly folder: string;
}

export interface Landed {
  readonly upload: Answer<'getUpload'>;
  readonly place: Place;
}

/** Of `landing/<dataset>/…/`; of `landing/` alone a person says which dataset it is. */
export function placeOf({ folder }: { folder: string }): { dataset: string | undefined; folder: string } {
  const [, dataset, ...rest] = folder.split('/');
  return dataset ? { dataset, folder: rest.join('/') } : { dataset: undefined, folder: '' };
}

interface Sent {
  readonly uploadId: string;
  readonly name: string;
}

/** Uploads a text by a link. Its name follows from it, so that a second upload of the same is a repeat and nothing else. */
export async function upload(api: Api, like: string, content: string): Promise<Sent> {
  const bytes = new TextEncoder().encode(content);
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const name = `fixed-${hex.slice(0, 16)}${like.slice(like.lastIndexOf('.'))}`;
  const { uploadId, url, headers } = await api.call(
    'startUpload',
    {},
    { body: { name, bytes: bytes.length, sha256: hex } },
  );
  const answer = await reaching(() => fetch(url, { method: 'PUT', headers, body: bytes }));
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  return { uploadId, name };
}

/** Between two looks at an upload that has landed. */
const lookMs = 1_500;
const over: readonly string[] = ['completed', 'refused', 'failed'];

/** Lands an upload and waits until it is ingested. */
export async function land(api: Api, { uploadId, name }: Sent, place: Place): Promise<Landed> {
  await api.call('landUpload', { uploadId }, { body: { dataset: place.dataset, name: place.folder + name } });
  for (;;) {
    const found = await api.call('getUpload', { uploadId });
    if (over.includes(found.state)) return { upload: found, place };
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}
