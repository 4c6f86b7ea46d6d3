import { CopyObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { datasets } from '#datasets';
import { createLedgers } from '../../adapters/dynamodb/jobs-table/ledgers.ts';
import { createSegmentOpener } from '../../adapters/s3/segments.ts';
import { text } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { mayBeAccepted } from '../../core/lines/gate.ts';
import { parseSegment } from '../../core/lines/parse-segment.ts';
import { acceptedName, acceptedValue } from '../../ports/keys.ts';
import { openInstallation } from '../shared/open-installation.ts';
import { jsonOption } from '../shared/options.ts';

/** `caudal accept` */
export const accept = defineInstallationVerb({
  command: 'npm run caudal -- accept',
  summary: 'takes an uploaded file that was refused for its lines as it is',
  about: [
    'Writes the file again under its key, with the same time of upload and with metadata that say that it is accepted, which starts its ingestion. Lines that can be read are taken, the others are rejected one by one. Since the metadata belong to this version of the object, a replay, a recount or a copy of the bucket decide the same.',
  ],
  positionals: { key: text({ help: 'of the raw bucket, as status and rejects name it', required: true }) },
  options: jsonOption,
  examples: ['npm run caudal -- accept landing/water-temperature/2025-11.csv'],
  async run({ key, json }) {
    const { s3, documents, installation } = await openInstallation();
    const bucket = installation.rawBucket;
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key })).catch((fault: Error) => {
      if (fault.name === 'NotFound') throw new UsageError(`There is no object ${key} in ${bucket}.`);
      throw fault;
    });
    const version = { bucket, key, versionId: head.VersionId ?? 'null' };
    const [entry] = await createLedgers(documents, installation.jobsTable).ledgers([version]);
    if (entry?.refusal === undefined)
      throw new UsageError(`${key} is not refused${entry === undefined ? ': it is not ingested yet' : ''}.`);
    if (!mayBeAccepted(entry.refusal.reason))
      throw new UsageError(
        `Nothing of ${key} can be read, so there is nothing to accept: ${entry.refusal.detail}. Upload it again as it should be.`,
      );
    const { bytes, arrivedMs } = await createSegmentOpener(s3).open(version);
    const totals = await parseSegment(
      { source: { key, arrivedMs, accepted: true }, datasets, bytes },
      { reading: () => {}, rejected: () => {} },
    );
    if (totals.valid === 0)
      throw new UsageError(
        `No line of ${key} can be taken: ${entry.refusal.cause ?? entry.refusal.detail}. Upload it again as it should be.`,
      );
    const copied = await s3.send(
      new CopyObjectCommand({
        Bucket: bucket,
        Key: key,
        CopySource: `${bucket}/${encodeURIComponent(key)}?versionId=${version.versionId}`,
        MetadataDirective: 'REPLACE',
        ContentType: head.ContentType,
        Metadata: {
          ...head.Metadata,
          // The file's rank among others stays that of its upload.
          'uploaded-at': new Date(arrivedMs).toISOString(),
          [acceptedName]: acceptedValue,
        },
      }),
    );
    const { lines, valid } = totals;
    if (json) {
      print(
        JSON.stringify({ key, versionId: copied.VersionId, lines, valid, rejected: lines - valid }, null, 2),
      );
      return 0;
    }
    print(`accepted     ${key}: ${valid} of ${lines} lines will be taken, ${lines - valid} rejected`);
    print('They are ingested with the next batch. Watch it with: npm run caudal -- executions --follow');
    return 0;
  },
});
