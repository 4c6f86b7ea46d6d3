import { createHash } from 'node:crypto';
import { type Metadata, type Toon, uploadPrefix } from '../../../core/toons/toon.ts';
import { defaultToonId, type SubmittedToon } from '../contract/submission.ts';

export interface PreparationInput {
  readonly jobId: string;
  readonly clientId: string;
  readonly bucket: string;
  readonly toons: readonly SubmittedToon[];
  readonly metadata: Metadata | undefined;
}

/** A job ready to be stored. */
interface PreparedJob {
  /** SHA-256, hex, of who submits what. Equal for the same toons, whether they came in the body or by a manifest. */
  readonly digest: string;
  readonly toons: readonly Toon[];
  /** All inline contents, one after the other; toons point into it. `undefined` when there are none. */
  readonly inline: { readonly key: string; readonly bytes: Uint8Array } | undefined;
  /** Where the list of toons goes. */
  readonly requestKey: string;
}

export type Preparation =
  | { readonly kind: 'prepared'; readonly job: PreparedJob }
  | { readonly kind: 'foreign-key'; readonly index: number; readonly prefix: string };

/**
 * Turns a valid submission into toons that only point at bytes: inline contents go into one object, so that a job of
 * ten thousand messages is one write. The keys hold the digest, so a repeated submission overwrites itself alone.
 */
export function prepareJob({ jobId, clientId, bucket, toons, metadata }: PreparationInput): Preparation {
  const prefix = uploadPrefix(clientId);
  const foreign = toons.findIndex(({ key }) => key !== undefined && !isBelow(key, prefix));
  if (foreign >= 0) return { kind: 'foreign-key', index: foreign, prefix };

  const contents = toons.map(inlineBytes);
  const digest = digestOf({ jobId, clientId, toons, contents, metadata });
  const folder = `jobs/${jobId}/${digest.slice(0, 16)}`;
  const inlineKey = `${folder}/inline`;
  let end = 0;
  const prepared = toons.map((toon, index): Toon => {
    const content = contents[index];
    const start = end;
    end += content?.length ?? 0;
    return {
      toonId: toon.id ?? defaultToonId(index),
      type: toon.type,
      source:
        content === undefined ? { bucket, key: toon.key ?? '' } : { bucket, key: inlineKey, start, end },
      ...(toon.dataset === undefined ? {} : { dataset: toon.dataset }),
      ...(toon.metadata === undefined ? {} : { metadata: toon.metadata }),
    };
  });
  const bytes = Buffer.concat(contents.filter((content) => content !== undefined));
  return {
    kind: 'prepared',
    job: {
      digest,
      toons: prepared,
      inline: bytes.length === 0 ? undefined : { key: inlineKey, bytes },
      requestKey: `${folder}/request.json`,
    },
  };
}

/** A key below the prefix; S3 keys are not paths, but `..` is refused all the same: tools resolve it. */
export function isBelow(key: string, prefix: string): boolean {
  return key.startsWith(prefix) && key.length > prefix.length && !key.split('/').includes('..');
}

/** Telemetry becomes one line a reading, a message the JSON text; `undefined` for a toon that is given by key. */
function inlineBytes({ content, data, type }: SubmittedToon): Uint8Array | undefined {
  if (content !== undefined) return Buffer.from(content, 'base64');
  if (data === undefined) return undefined;
  const lines = type === 'telemetry' && Array.isArray(data) ? data : [data];
  return Buffer.from(
    lines.map((line) => JSON.stringify(line)).join('\n') + (type === 'telemetry' ? '\n' : ''),
  );
}

function digestOf(job: Omit<PreparationInput, 'bucket'> & { contents: (Uint8Array | undefined)[] }): string {
  const hash = createHash('sha256');
  const add = (value: unknown): void => {
    hash.update(`${JSON.stringify(value) ?? 'null'}\n`);
  };
  add([job.jobId, job.clientId, sorted(job.metadata)]);
  job.toons.forEach((toon, index) => {
    const content = job.contents[index];
    const bytes = content === undefined ? null : createHash('sha256').update(content).digest('hex');
    const id = toon.id ?? defaultToonId(index);
    add([id, toon.type, bytes, toon.key ?? null, toon.dataset ?? null, sorted(toon.metadata)]);
  });
  return hash.digest('hex');
}

function sorted(metadata: Metadata | undefined): [string, unknown][] {
  return Object.entries(metadata ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}
