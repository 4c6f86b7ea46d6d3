import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { Construct } from 'constructs';
import { scopeName } from '../../handlers/api/contract/scopes.ts';
import type { Config } from '../config.ts';
import { ApiFunctions, JobApiFunctions, UploadFunctions } from '../constructs/api/api-functions.ts';
import { Firewall } from '../constructs/api/firewall.ts';
import { OperationFunctions } from '../constructs/api/operation-functions.ts';
import { RoutedRestApi } from '../constructs/api/rest-api.ts';
import { Tokens } from '../constructs/api/tokens.ts';
import { Alarms, alarmPeriod } from '../constructs/shared/alarms.ts';
import type { HandlerCode } from '../constructs/shared/handler-function.ts';
import type { DataStack } from './data-stack.ts';
import type { IngestStack } from './ingest-stack.ts';
import type { JobsStack } from './jobs-stack.ts';

export interface ApiStackProps extends StackProps {
  readonly config: Config;
  readonly data: DataStack;
  readonly ingest: IngestStack;
  readonly jobs: JobsStack;
  readonly code: HandlerCode;
}

/** The API and the tokens for it. */
export class ApiStack extends Stack {
  /** With a slash at its end. */
  readonly apiUrl: CfnOutput;
  readonly api: RestApi;
  readonly tokens: Tokens;

  constructor(scope: Construct, id: string, props: ApiStackProps) {
    super(scope, id, props);
    const { config, code, data, ingest, jobs } = props;
    const key = data.encryption.key;
    const tokens = new Tokens(this, 'Tokens', { config });
    const ofData = new ApiFunctions(this, 'Functions', {
      tables: data.tables,
      curated: data.buckets.curated,
      raw: data.buckets.raw,
      stream: ingest.stream,
      key,
      config,
      code,
      tokenUrl: tokens.tokenUrl,
    });
    const ofJobs = new JobApiFunctions(this, 'JobFunctions', {
      bucket: jobs.toons.bucket,
      machine: jobs.workflow.machine,
      tables: data.tables,
      key,
      config,
      code,
    });
    const ofUploads = new UploadFunctions(this, 'UploadFunctions', {
      ...{ buckets: data.buckets, tables: data.tables, key, config, code },
    });
    const ofOperations = new OperationFunctions(this, 'OperationFunctions', {
      tables: data.tables,
      buckets: data.buckets,
      ingest,
      jobs,
      key,
      config,
      code,
    });
    const functions = {
      ...ofData.byHandler,
      ...ofJobs.byHandler,
      ...ofUploads.byHandler,
      ...ofOperations.byHandler,
    };
    const { api } = new RoutedRestApi(this, 'Api', { functions, pool: tokens.pool, key, config });
    if (config.apiRatePerAddress > 0) {
      new Firewall(this, 'Firewall', {
        api,
        key,
        ratePerAddress: config.apiRatePerAddress,
        logDays: config.accessLogDays,
        stage: config.stage,
      });
    }
    new Alarms(this, 'Alarms', {
      topic: ingest.alerts.topic,
      stage: config.stage,
      alarms: [
        {
          name: 'caudal-api-errors',
          description: 'The API answered with 5xx.',
          metric: api.metricServerError({ period: alarmPeriod, statistic: 'Sum' }),
          above: 0,
        },
      ],
    });

    this.api = api;
    this.tokens = tokens;
    this.apiUrl = new CfnOutput(this, 'ApiUrl', { value: api.url });
    new CfnOutput(this, 'UserPoolId', { value: tokens.pool.userPoolId });
    new CfnOutput(this, 'ClientId', { value: tokens.reader.userPoolClientId });
    new CfnOutput(this, 'WriterClientId', { value: tokens.writer.userPoolClientId });
    new CfnOutput(this, 'TokenUrl', { value: tokens.tokenUrl });
    new CfnOutput(this, 'ScopeRead', { value: scopeName('read') });
    new CfnOutput(this, 'ScopeWrite', { value: scopeName('write') });
    new CfnOutput(this, 'ScopeOperate', { value: scopeName('operate') });
    new CfnOutput(this, 'ScopeJobs', { value: scopeName('jobs') });
  }
}
