import { Logger } from '@aws-lambda-powertools/logger';
import { datasets } from '#datasets';
import packageJson from '../../../package.json' with { type: 'json' };
import { requireVariables } from '../../environment.ts';
import { streamFunctions } from '../contract/routes.ts';
import { createApiFunction } from '../http/api-gateway.ts';
import { createDescribeApi } from './describe-api.ts';

const variables = requireVariables(process.env, ['TOKEN_URL']);

export const handler = createApiFunction(
  new Logger(),
  (onFault) =>
    createDescribeApi({
      datasets,
      version: packageJson.version,
      tokenUrl: variables.TOKEN_URL,
      without: process.env.WITHOUT_STREAMS === 'true' ? streamFunctions : [],
      onFault,
    }),
  { corsOrigin: process.env.CORS_ORIGIN },
);
