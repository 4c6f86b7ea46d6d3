import { Logger } from '@aws-lambda-powertools/logger';
import { FirehoseClient } from '@aws-sdk/client-firehose';
import { datasets } from '#datasets';
import { createReadingStream } from '../../../adapters/firehose.ts';
import { systemClock } from '../../../adapters/system-clock.ts';
import { requireVariables } from '../../environment.ts';
import { createApiFunction } from '../http/api-gateway.ts';
import { createSubmitReadings } from './submit-readings.ts';

const variables = requireVariables(process.env, ['DELIVERY_STREAM']);

export const handler = createApiFunction(
  new Logger(),
  (onFault) =>
    createSubmitReadings({
      datasets,
      stream: createReadingStream(new FirehoseClient({ maxAttempts: 1 }), variables.DELIVERY_STREAM),
      clock: systemClock,
      onFault,
    }),
  { corsOrigin: process.env.CORS_ORIGIN },
);
