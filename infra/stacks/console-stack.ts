import { Aws, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ofStage } from '../../core/stage.ts';
import { scopeName, scopes } from '../../handlers/api/contract/scopes.ts';
import type { Config } from '../config.ts';
import { ConsoleClient } from '../constructs/console/console-client.ts';
import { ConsoleSite } from '../constructs/console/console-site.ts';
import { type HandlerCode, HandlerFunction } from '../constructs/shared/handler-function.ts';
import type { ApiStack } from './api-stack.ts';
import type { DataStack } from './data-stack.ts';
import type { JobsStack } from './jobs-stack.ts';

export interface ConsoleStackProps extends StackProps {
  readonly config: Config;
  readonly data: DataStack;
  readonly jobs: JobsStack;
  readonly api: ApiStack;
  readonly code: HandlerCode;
}

/** The console in the browser. It knows the other stacks, and none of them knows it: it can be left out, and taken away. */
export class ConsoleStack extends Stack {
  constructor(scope: Construct, id: string, props: ConsoleStackProps) {
    super(scope, id, props);
    const { config, code, data, jobs, api } = props;
    const { pool, domainUrl } = api.tokens;
    const clientName = ofStage('caudal-console', config.stage);
    const allScopes = ['openid', ...(Object.keys(scopes) as (keyof typeof scopes)[]).map(scopeName)];
    const pages = new HandlerFunction(this, 'ServeConsole', {
      code,
      config,
      key: data.encryption.key,
      handler: 'console/serve-console',
      description: "The console's files and its configuration",
      memoryMiB: 256,
      timeoutSeconds: 10,
      environment: {
        API_URL: api.api.url,
        CLIENT_NAME: clientName,
        IMAGE_BUCKET_URL: `https://${jobs.toons.bucket.bucketRegionalDomainName}`,
        SCOPES: allScopes.join(' '),
        STAGE: config.stage ?? '',
        TOKEN_DOMAIN: domainUrl,
        TOKEN_ISSUER: `https://cognito-idp.${Aws.REGION}.${Aws.URL_SUFFIX}/${pool.userPoolId}`,
        UPLOAD_BUCKET_URL: `https://${data.buckets.uploads.bucketRegionalDomainName}`,
        USER_POOL_ID: pool.userPoolId,
      },
      permissions: [{ actions: ['cognito-idp:ListUserPoolClients'], resources: [pool.userPoolArn] }],
    });
    const { origin } = new ConsoleSite(this, 'Site', {
      pages: pages.function,
      api: api.api,
      stage: config.stage,
    });
    const { client } = new ConsoleClient(this, 'SignIn', {
      pool,
      origin,
      name: clientName,
      scopes: allScopes,
    });
    new CfnOutput(this, 'ConsoleUrl', { value: origin });
    new CfnOutput(this, 'ConsoleClientId', { value: client.userPoolClientId });
  }
}
