import { join } from 'node:path';
import { Logger } from '@aws-lambda-powertools/logger';
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import type { APIGatewayProxyStructuredResultV2, Context, LambdaFunctionURLEvent } from 'aws-lambda';
import { createAppClients } from '../../../adapters/cognito.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { requireVariables } from '../../environment.ts';
import { readBuiltFiles } from './built-files.ts';
import { createServeConsole } from './serve-console.ts';

const variables = requireVariables(process.env, [
  'API_URL',
  'AWS_REGION',
  'CLIENT_NAME',
  'IMAGE_BUCKET_URL',
  'SCOPES',
  'TOKEN_DOMAIN',
  'TOKEN_ISSUER',
  'UPLOAD_BUCKET_URL',
  'USER_POOL_ID',
]);
const logger = new Logger();

const serve = createServeConsole({
  files: readBuiltFiles(join(import.meta.dirname, 'console')),
  settings: {
    version: packageJson.version,
    stage: process.env.STAGE || null,
    region: variables.AWS_REGION,
    apiUrl: variables.API_URL.replace(/\/$/, ''),
    issuer: variables.TOKEN_ISSUER,
    scopes: variables.SCOPES.split(' '),
  },
  reachable: {
    tokenDomain: variables.TOKEN_DOMAIN,
    uploadBucket: variables.UPLOAD_BUCKET_URL,
    imageBucket: variables.IMAGE_BUCKET_URL,
  },
  clients: createAppClients(new CognitoIdentityProviderClient(), variables.USER_POOL_ID),
  clientName: variables.CLIENT_NAME,
  onFault: (fault, { path }) => logger.error('request failed', { error: fault as Error, path }),
});

/** Answers a function URL (payload format 2.0). */
export async function handler(
  event: LambdaFunctionURLEvent,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
  logger.addContext(context);
  const { status, headers, body } = await serve({
    method: event.requestContext.http.method,
    path: event.rawPath,
    headers: event.headers,
    requestId: context.awsRequestId,
  });
  // Whatever the bytes are: a text in another encoding is none.
  return { statusCode: status, headers, body: body.toString('base64'), isBase64Encoded: true };
}
