import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { datasets } from '#datasets';
import { createAlertQueries } from '../../adapters/alert-queries.ts';
import { createJobViewer } from '../../adapters/dynamodb-job-view.ts';
import { createSegmentQueries } from '../../adapters/segment-queries.ts';
import { createStatisticsQueries } from '../../adapters/statistics-queries.ts';
import { systemClock } from '../../adapters/system-clock.ts';
import { fromProxyEvent, toProxyResult } from '../api-gateway.ts';
import { requireVariables } from '../environment.ts';
import { createQueryApi } from './query-api.ts';

const variables = requireVariables(process.env, ['STATISTICS_TABLE', 'ALERTS_TABLE', 'JOBS_TABLE']);
const logger = new Logger();
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const answer = createQueryApi({
  datasets,
  statistics: createStatisticsQueries(documents, variables.STATISTICS_TABLE),
  alerts: createAlertQueries(documents, variables.ALERTS_TABLE),
  jobs: createJobViewer(documents, variables.JOBS_TABLE),
  segments: createSegmentQueries(documents, variables.JOBS_TABLE),
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
