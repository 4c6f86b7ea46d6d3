import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AwsError } from '../../engine/calls.ts';
import { Journal } from '../../engine/journal.ts';
import { type ChecksumName, checksumNames, createChecksum } from './checksums.ts';
import { receive, type Upload } from './upload.ts';

interface Begun {
  key: string;
  headers: Record<string, string>;
  metadata: Record<string, string>;
  checksum?: ChecksumName;
  /** Of the whole object, or a checksum of the parts' checksums. */
  checksumType: 'FULL_OBJECT' | 'COMPOSITE';
  beganMs: number;
}

type Entry = { begin: Begun } | { part: [number: number, upload: Upload] };

interface Pending extends Begun {
  folder: string;
  journal: Journal<Entry>;
  parts: Map<number, Upload>;
}

/** A part that CompleteMultipartUpload lists. */
export interface ListedPart {
  number: number;
  etag: string;
  /** Base64 by name. */
  checksums: Upload['checksums'];
}

const minPartBytes = 5 * 1024 ** 2;
const maxParts = 10_000;

/** The multipart uploads of one bucket that are neither completed nor aborted. */
export class Multipart {
  readonly #directory: string;
  readonly #uploads = new Map<string, Pending>();

  /** `directory` is the bucket's; uploads lie in `uploads/<id>/`. */
  constructor(directory: string) {
    this.#directory = join(directory, 'uploads');
    mkdirSync(this.#directory, { recursive: true });
    for (const id of readdirSync(this.#directory)) {
      const folder = join(this.#directory, id);
      const journal = new Journal<Entry>(join(folder, 'parts.jsonl'));
      const [first, ...rest] = journal.load();
      if (first === undefined || !('begin' in first)) continue;
      const parts = new Map(rest.flatMap((entry) => ('part' in entry ? [entry.part] : [])));
      this.#uploads.set(id, { ...first.begin, folder, journal, parts });
    }
  }

  begin(begun: Begun): string {
    const id = randomBytes(48).toString('base64url');
    const folder = join(this.#directory, id);
    mkdirSync(folder, { recursive: true });
    const journal = new Journal<Entry>(join(folder, 'parts.jsonl'));
    journal.append({ begin: begun });
    this.#uploads.set(id, { ...begun, folder, journal, parts: new Map() });
    return id;
  }

  /** Throws NoSuchUpload. */
  find(id: string, key: string): Pending {
    const upload = this.#uploads.get(id);
    if (upload?.key === key) return upload;
    throw new AwsError('NoSuchUpload', 'The specified multipart upload does not exist.', { status: 404 });
  }

  async addPart(
    id: string,
    key: string,
    number: number,
    body: AsyncIterable<Buffer>,
    headers: Record<string, string>,
  ) {
    const pending = this.find(id, key);
    if (!Number.isInteger(number) || number < 1 || number > maxParts) {
      throw new AwsError('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive');
    }
    checkPartChecksum(pending, headers);
    // The checksum of the parts is needed at the end, sent or not.
    const checksum =
      pending.checksum === undefined ? {} : { 'x-amz-sdk-checksum-algorithm': pending.checksum };
    const upload = await receive(pending.folder, body, { ...headers, ...checksum });
    this.find(id, key).journal.append({ part: [number, upload] });
    const replaced = pending.parts.get(number);
    pending.parts.set(number, upload);
    if (replaced !== undefined) await rm(join(pending.folder, replaced.file), { force: true });
    return upload;
  }

  /** Joins the listed parts in a new file below `folder`. The upload stays until `forget`. */
  async join(id: string, key: string, listed: ListedPart[], folder: string): Promise<Upload> {
    const pending = this.find(id, key);
    if (listed.length === 0) throw new AwsError('MalformedXML', 'You must specify at least one part');
    if (listed.some(({ number }, index) => index > 0 && number <= (listed[index - 1] as ListedPart).number)) {
      throw new AwsError('InvalidPartOrder', 'The list of parts was not in ascending order.');
    }
    const { checksum } = pending;
    const whole = checksum !== undefined && pending.checksumType === 'FULL_OBJECT';
    const parts = listed.map(({ number, etag, checksums }, index) => {
      const part = pending.parts.get(number);
      if (checksum !== undefined && !whole && checksums[checksum] === undefined) {
        throw new AwsError(
          'InvalidRequest',
          `The upload was created using a ${checksum} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
        );
      }
      const wrong = checksumNames.some(
        (name) => checksums[name] !== undefined && checksums[name] !== part?.checksums[name],
      );
      if (part === undefined || part.etag !== etag || wrong) {
        throw new AwsError(
          'InvalidPart',
          `Part ${number} could not be found, or its entity tag or checksum does not match.`,
        );
      }
      if (index < listed.length - 1 && part.size < minPartBytes) {
        throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
      }
      return part;
    });
    const bytes = concatenated(parts.map((part) => join(pending.folder, part.file)));
    const upload = await receive(folder, bytes, whole ? { 'x-amz-checksum-algorithm': checksum } : {});
    const digests = Buffer.concat(parts.map((part) => Buffer.from(part.etag, 'hex')));
    upload.etag = `${createHash('md5').update(digests).digest('hex')}-${parts.length}`;
    if (checksum !== undefined && !whole) {
      const sum = createChecksum(checksum);
      for (const part of parts) sum.update(Buffer.from(part.checksums[checksum] ?? '', 'base64'));
      upload.checksums = { [checksum]: `${sum.digest()}-${parts.length}` };
    }
    return upload;
  }

  /** Removes the upload and its parts. */
  async forget(id: string, key: string): Promise<void> {
    const pending = this.find(id, key);
    this.#uploads.delete(id);
    pending.journal.close();
    await rm(pending.folder, { recursive: true, force: true });
  }

  /** Forgets the uploads below a prefix that began before a moment. */
  async abortBefore(beforeMs: number, prefix: string): Promise<void> {
    for (const [id, { key, beganMs }] of this.#uploads) {
      if (beganMs <= beforeMs && key.startsWith(prefix)) await this.forget(id, key);
    }
  }

  close(): void {
    for (const { journal } of this.#uploads.values()) journal.close();
  }
}

async function* concatenated(paths: string[]): AsyncGenerator<Buffer> {
  for (const path of paths) yield* createReadStream(path) as AsyncIterable<Buffer>;
}

/** A part comes with the checksum that its upload was created for, and with no other. Where none was asked for, S3 adds CRC64NVME. */
function checkPartChecksum({ checksum, checksumType }: Begun, headers: Record<string, string>): void {
  const trailer = headers['x-amz-trailer'] ?? '';
  const sent = checksumNames.find(
    (name) => headers[`x-amz-checksum-${name}`] !== undefined || trailer.includes(`x-amz-checksum-${name}`),
  );
  if (sent === checksum || (checksum === undefined && sent === 'crc64nvme')) return;
  if (sent === undefined && checksumType === 'FULL_OBJECT') return;
  throw new AwsError(
    'InvalidRequest',
    `Checksum Type mismatch occurred, expected checksum Type: ${checksum ?? null}, actual checksum Type: ${sent ?? null}`,
  );
}

/** The algorithm and type that CreateMultipartUpload asks for. */
export function checksumOf(headers: Record<string, string>): Pick<Begun, 'checksum' | 'checksumType'> {
  const name = headers['x-amz-checksum-algorithm']?.toLowerCase();
  const checksum = checksumNames.find((each) => each === name);
  if (name !== undefined && checksum === undefined) {
    throw new AwsError('NotImplemented', `The local cloud cannot verify the checksum ${name}.`, {
      status: 501,
    });
  }
  const type = headers['x-amz-checksum-type'] ?? (name === 'crc64nvme' ? 'FULL_OBJECT' : 'COMPOSITE');
  return {
    ...(checksum === undefined ? {} : { checksum }),
    checksumType: type === 'FULL_OBJECT' ? 'FULL_OBJECT' : 'COMPOSITE',
  };
}
