import type { Dataset } from '../../core/dataset/dataset.ts';
import { mayBeAccepted } from '../../core/lines/gate.ts';
import { parseSegment } from '../../core/lines/parse-segment.ts';
import { acceptedName, acceptedValue } from '../../ports/keys.ts';
import type { ObjectCopier, SegmentOpener, VersionDescriber, VersionLister } from '../../ports/objects.ts';
import type { LedgerReader } from '../../ports/queries.ts';
import { newestVersion } from './raw-objects.ts';

export interface AcceptPorts {
  readonly datasets: readonly Dataset[];
  readonly lister: VersionLister;
  readonly ledgers: Pick<LedgerReader, 'ledgers'>;
  readonly segments: SegmentOpener;
  readonly objects: ObjectCopier & VersionDescriber;
  readonly rawBucket: string;
}

/** What came of accepting a file. */
export type Acceptance =
  /** By this call, or by one before it. */
  | {
      readonly kind: 'accepted';
      readonly versionId: string;
      readonly isNew: boolean;
      readonly lines: number;
      readonly valid: number;
    }
  | { readonly kind: 'absent' | 'not-refused' | 'nothing-valid'; readonly why: string };

/**
 * Writes a file that was refused for its lines again under its key, with the same time of upload and with metadata that say that it is
 * accepted, which starts its ingestion. A file that has them already is answered alike, and not written again.
 */
export async function acceptFile(ports: AcceptPorts, key: string): Promise<Acceptance> {
  const { lister, ledgers, segments, objects, datasets, rawBucket: bucket } = ports;
  const versionId = await newestVersion(lister, bucket, key);
  if (versionId === undefined) return { kind: 'absent', why: `There is no object ${key} in ${bucket}.` };
  const version = { bucket, key, versionId };
  const open = await segments.open(version);
  const [entry] = open.accepted ? [] : await ledgers.ledgers([version]);
  if (!open.accepted && entry?.refusal === undefined)
    return {
      kind: 'not-refused',
      why: `${key} is not refused${entry === undefined ? ': it is not ingested yet' : ''}.`,
    };
  if (entry?.refusal !== undefined && !mayBeAccepted({ reason: entry.refusal.reason }))
    return {
      kind: 'nothing-valid',
      why: `Nothing of ${key} can be read, so there is nothing to accept: ${entry.refusal.detail}. Upload it again as it should be.`,
    };
  const { bytes, arrivedMs } = open;
  const { lines, valid } = await parseSegment(
    { source: { key, arrivedMs, accepted: true }, datasets, bytes },
    { reading: () => {}, rejected: () => {} },
  );
  if (open.accepted) return { kind: 'accepted', versionId, isNew: false, lines, valid };
  if (valid === 0)
    return {
      kind: 'nothing-valid',
      why: `No line of ${key} can be taken: ${entry?.refusal?.cause ?? entry?.refusal?.detail}. Upload it again as it should be.`,
    };
  const { metadata, contentType } = (await objects.describeVersion(version)) ?? {};
  const copied = await objects.copy({
    from: version,
    to: { bucket, key },
    contentType: contentType ?? 'application/octet-stream',
    metadata: {
      ...metadata,
      // The file's rank among others stays that of its upload.
      'uploaded-at': new Date(arrivedMs).toISOString(),
      [acceptedName]: acceptedValue,
    },
  });
  if (copied === undefined)
    return { kind: 'absent', why: `There is no object ${key} in ${bucket} any more.` };
  return { kind: 'accepted', versionId: copied, isNew: true, lines, valid };
}
