import { createHash } from 'node:crypto';
import type { SyntheticToon } from './generate.ts';
import type { JobClient, JobState } from './job-client.ts';

/** JSON up to here goes in the request itself; the API takes 5 MiB. */
const inlineBytes = 4 * 1024 * 1024;
/** JSON up to here goes as one uploaded manifest; the API takes 32 MiB. */
const manifestBytes = 30 * 1024 * 1024;
/** Links of one request, and uploads at a time. */
const linksAtOnce = 500;
const uploadsAtOnce = 16;

export interface Submission {
  readonly jobId: string;
  readonly toons: readonly SyntheticToon[];
}

/** How a job of so many bytes travels. */
export type Way = 'request' | 'manifest' | 'files';

/** The simplest way that takes the job. @param jsonBytes length of its JSON with all contents inline */
export function wayFor(jsonBytes: number): Way {
  if (jsonBytes <= inlineBytes) return 'request';
  return jsonBytes <= manifestBytes ? 'manifest' : 'files';
}

/** Submits a job: in the request, by a manifest with all contents, or by a manifest of files that are uploaded before it. */
export async function submitToons(
  client: JobClient,
  { jobId, toons }: Submission,
): Promise<{ way: Way; job: JobState }> {
  const inline = toons.map((toon) => ({
    ...describe(toon),
    content: Buffer.from(toon.bytes).toString('base64'),
  }));
  const way = wayFor(Buffer.byteLength(JSON.stringify({ jobId, toons: inline })));
  if (way === 'request') return { way, job: await client.submit({ jobId, toons: inline }) };
  const listed = way === 'manifest' ? inline : await uploadFiles(client, toons);
  const manifest = await uploadManifest(client, { toons: listed });
  return { way, job: await client.submit({ jobId, manifest }) };
}

function describe({ id, type, metadata }: SyntheticToon) {
  return { id, type, metadata };
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function uploadManifest(client: JobClient, document: object): Promise<string> {
  const bytes = Buffer.from(JSON.stringify(document));
  const [link] = await client.links([
    { name: 'manifest.json', bytes: bytes.length, contentType: 'application/json', sha256: sha256Of(bytes) },
  ]);
  if (link === undefined) throw new Error('the API gave no link');
  await client.upload(link, bytes);
  return link.key;
}

async function uploadFiles(client: JobClient, toons: readonly SyntheticToon[]): Promise<object[]> {
  const listed: object[] = [];
  for (let start = 0; start < toons.length; start += linksAtOnce) {
    const batch = toons.slice(start, start + linksAtOnce);
    const links = await client.links(
      batch.map(({ name, bytes, contentType }) => ({
        name,
        bytes: bytes.length,
        contentType,
        sha256: sha256Of(bytes),
      })),
    );
    const pairs = batch.flatMap((toon, index) => {
      const link = links[index];
      return link === undefined ? [] : [{ toon, link }];
    });
    const queue = pairs.values();
    const worker = async (): Promise<void> => {
      for (const { toon, link } of queue) await client.upload(link, toon.bytes);
    };
    await Promise.all(Array.from({ length: uploadsAtOnce }, worker));
    listed.push(...pairs.map(({ toon, link }) => ({ ...describe(toon), key: link.key })));
  }
  return listed;
}
