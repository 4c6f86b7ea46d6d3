import { datasets } from '#datasets';
import { createLedgers } from '../../adapters/dynamodb/jobs-table/ledgers.ts';
import { createObjectCopier, createVersionDescriber } from '../../adapters/s3/copies.ts';
import { createSegmentOpener, createVersionLister } from '../../adapters/s3/segments.ts';
import { text } from '../../cli/options.ts';
import { oneLine, print } from '../../cli/print.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { acceptFile } from '../../handlers/operations/accept-file.ts';
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
    const accepted = await acceptFile(
      {
        datasets,
        lister: createVersionLister(s3),
        ledgers: createLedgers(documents, installation.jobsTable),
        segments: createSegmentOpener(s3),
        objects: { ...createObjectCopier(s3), ...createVersionDescriber(s3) },
        rawBucket: installation.rawBucket,
      },
      key,
    );
    if (accepted.kind !== 'accepted') throw new UsageError(accepted.why);
    const { versionId, isNew, lines, valid } = accepted;
    if (!isNew) throw new UsageError(`${key} is not refused: it is accepted already.`);
    if (json) {
      print(JSON.stringify({ key, versionId, lines, valid, rejected: lines - valid }, null, 2));
      return 0;
    }
    print(
      `accepted     ${oneLine(key)}: ${valid} of ${lines} lines will be taken, ${lines - valid} rejected`,
    );
    print('They are ingested with the next batch. Watch it with: npm run caudal -- executions --follow');
    return 0;
  },
});
