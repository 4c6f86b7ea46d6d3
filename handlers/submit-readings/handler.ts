import { Logger } from '@aws-lambda-powertools/logger';
import { FirehoseClient } from '@aws-sdk/client-firehose';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { datasets } from '#datasets';
import { createReadingStream } from '../../adapters/firehose-readings.ts';
import { systemClock } from '../../adapters/system-clock.ts';
import { fromProxyEvent, toProxyResult } from '../api-gateway.ts';
import { requireVariables } from '../environment.ts';
import { createSubmitReadings } from './submit-readings.ts';

const variables = requireVariables(process.env, ['DELIVERY_STREAM']);
const logger = new Logger();
const answer = createSubmitReadings({
  datasets,
  stream: createReadingStream(new FirehoseClient({ maxAttempts: 1 }), variables.DELIVERY_STREAM),
  clock: systemClock,
  onFault: (fault) => logger.error('request failed', fault as Error),
});

export async function handler(event: APIGatewayProxyEvent, context: Context): Promise<APIGatewayProxyResult> {
  logger.addContext(context);
  const request = fromProxyEvent(event, context.awsRequestId);
  const { status, ...rest } = await answer(request);
  logger.info('answered', {
    method: request.method,
    route: request.route,
    status,
    clientId: request.clientId,
  });
  return toProxyResult({ status, ...rest });
}
