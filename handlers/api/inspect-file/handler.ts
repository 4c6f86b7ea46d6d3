import { Logger } from '@aws-lambda-powertools/logger';
import { S3Client } from '@aws-sdk/client-s3';
import { datasets } from '#datasets';
import { createObjectStreamer } from '../../../adapters/s3/copies.ts';
import { createObjects } from '../../../adapters/s3/objects.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import { shippedFormats } from '../../../formats/index.ts';
import { shippedJsonFormats } from '../../../formats/json/index.ts';
import { requireVariables } from '../../environment.ts';
import { createApiFunction } from '../http/api-gateway.ts';
import { createInspectFile } from './inspect-file.ts';

const variables = requireVariables(process.env, ['UPLOADS_BUCKET']);
const s3 = new S3Client({});

export const handler = createApiFunction(
  new Logger(),
  (onFault) =>
    createInspectFile({
      datasets,
      shipped: { text: shippedFormats, json: shippedJsonFormats },
      objects: { ...createObjects(s3), ...createObjectStreamer(s3) },
      clock: systemClock,
      uploadsBucket: variables.UPLOADS_BUCKET,
      onFault,
    }),
  { corsOrigin: process.env.CORS_ORIGIN },
);
