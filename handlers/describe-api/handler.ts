import { Logger } from '@aws-lambda-powertools/logger';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { datasets } from '#datasets';
import packageJson from '../../package.json' with { type: 'json' };
import { fromProxyEvent, toProxyResult } from '../api-gateway.ts';
import { requireVariables } from '../environment.ts';
import { createDescribeApi } from './describe-api.ts';

const variables = requireVariables(process.env, ['TOKEN_URL']);
const logger = new Logger();
const answer = createDescribeApi({
  datasets,
  version: packageJson.version,
  tokenUrl: variables.TOKEN_URL,
  onFault: (fault) => logger.error('request failed', fault as Error),
});

export async function handler(event: APIGatewayProxyEvent, context: Context): Promise<APIGatewayProxyResult> {
  logger.addContext(context);
  const request = fromProxyEvent(event, context.awsRequestId);
  const { status, ...rest } = await answer(request);
  logger.info('answered', { method: request.method, route: request.route, status });
  return toProxyResult({ status, ...rest });
}
