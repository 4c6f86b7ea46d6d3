import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { Construct } from 'constructs';
import type { LakeView } from '../../core/lake/lake-views.ts';
import { scopeName } from '../../handlers/api/contract/scopes.ts';
import type { Config } from '../config.ts';
import { ApiFunctions, JobApiFunctions, UploadFunctions } from '../constructs/api/api-functions.ts';
import { Firewall } from '../constructs/api/firewall.ts';
import { OperationFunctions } from '../constructs/api/operation-functions.ts';
import { RoutedRestApi } from '../constructs/api/rest-api.ts';
import { logAlarm, StreamFunctions } from '../constructs/api/stream-functions.ts';
import { Tokens } from '../constructs/api/tokens.ts';
import { InstallationDashboard } from '../constructs/observe/dashboard.ts';
import { LogQueries } from '../constructs/observe/log-queries.ts';
import { MonthlyBudget } from '../constructs/observe/monthly-budget.ts';
import { Pages } from '../constructs/observe/pages.ts';
import { Alarms, alarmPeriod } from '../constructs/shared/alarms.ts';
import type { HandlerCode, HandlerFunction } from '../constructs/shared/handler-function.ts';
import type { DataStack } from './data-stack.ts';
import type { IngestStack } from './ingest-stack.ts';
import type { JobsStack } from './jobs-stack.ts';
import type { ReportsStack } from './reports-stack.ts';
import type { SourcesStack } from './sources-stack.ts';

export interface ApiStackProps extends StackProps {
  readonly config: Config;
  readonly data: DataStack;
  readonly ingest: IngestStack;
  readonly jobs: JobsStack;
  /** Where there are any. */
  readonly sources: SourcesStack | undefined;
  /** Where there are any. */
  readonly reports: ReportsStack | undefined;
  readonly code: HandlerCode;
  /** Of the datasets. */
  readonly views: readonly LakeView[];
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
    const { streams: table } = data.tables;
    const ofStreams =
      table === undefined
        ? undefined
        : new StreamFunctions(this, 'StreamFunctions', { table, stream: ingest.stream, key, config, code });
    const ofOperations = new OperationFunctions(this, 'OperationFunctions', {
      tables: data.tables,
      buckets: data.buckets,
      ingest,
      jobs,
      streams: ofStreams,
      key,
      config,
      code,
    });
    const functions = {
      ...ofData.byHandler,
      ...ofJobs.byHandler,
      ...ofUploads.byHandler,
      ...ofOperations.byHandler,
      ...ofStreams?.byHandler,
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
    const isFull = config.observability === 'full';
    const alarms = new Alarms(this, 'Alarms', {
      topic: ingest.alerts.topic,
      stage: config.stage,
      alarms: [
        {
          name: 'caudal-api-errors',
          description: 'The API answered with 5xx.',
          metric: api.metricServerError({ period: alarmPeriod, statistic: 'Sum' }),
          above: 0,
          pages: true,
        },
        ...(ofStreams === undefined ? [] : [logAlarm(ofStreams)]),
        ...(isFull
          ? [
              {
                name: 'caudal-api-slow',
                description: `For 15 minutes one in a hundred answers of the API took longer than ${config.apiSlowMs} ms.`,
                metric: api.metricLatency({ period: alarmPeriod, statistic: 'p99' }),
                above: config.apiSlowMs,
                periods: 3,
              },
            ]
          : []),
      ],
    });
    const logged = ofStreams === undefined ? functions : { ...functions, relay: ofStreams.relay };
    this.watch(props, api, alarms, logged);

    this.api = api;
    this.tokens = tokens;
    this.apiUrl = new CfnOutput(this, 'ApiUrl', { value: api.url });
    new CfnOutput(this, 'UserPoolId', { value: tokens.pool.userPoolId });
    new CfnOutput(this, 'ClientId', { value: tokens.reader.userPoolClientId });
    new CfnOutput(this, 'WriterClientId', { value: tokens.writer.userPoolClientId });
    new CfnOutput(this, 'TokenUrl', { value: tokens.tokenUrl });
    if (ofStreams !== undefined) new CfnOutput(this, 'RelayRule', { value: ofStreams.rule.ref });
    new CfnOutput(this, 'ScopeRead', { value: scopeName('read') });
    new CfnOutput(this, 'ScopeWrite', { value: scopeName('write') });
    new CfnOutput(this, 'ScopeOperate', { value: scopeName('operate') });
    new CfnOutput(this, 'ScopeJobs', { value: scopeName('jobs') });
  }

  /** What looks at all stacks, in the last of them that is never left out. */
  private watch(
    { config, data, ingest, jobs, sources, reports, views }: ApiStackProps,
    api: RestApi,
    alarms: Alarms,
    functions: Readonly<Record<string, HandlerFunction>>,
  ): void {
    const { stage, alertEmail, budgetDollars, pageWebhook } = config;
    const optional = [sources, reports].filter((stack) => stack !== undefined);
    const all = [ingest.alarms, jobs.alarms, ...optional.map((stack) => stack.alarms), alarms];
    for (const stack of optional)
      this.addStackDependency(stack, 'the alarm to page names alarms that are there');
    new LogQueries(this, 'LogQueries', { functions: Object.values(functions), folder: 'api', stage });
    if (config.observability === 'full') {
      new InstallationDashboard(this, 'Overview', {
        ...{ config, api, stream: ingest.stream, queue: ingest.queue, machine: ingest.machine },
        ...{ jobMachine: jobs.workflow, functions: ingest.functions, tables: data.tables },
        datasets: views.map(({ dataset }) => dataset.name),
        alarms: all.flatMap((each) => each.names),
      });
    }
    if (pageWebhook !== undefined) {
      const paging = all.flatMap((each) => each.paging);
      const { key } = data.encryption;
      const { topic } = new Pages(this, 'Pages', { key, stage, webhook: pageWebhook, alarms: paging });
      new CfnOutput(this, 'PageTopic', { value: topic.topicArn });
    }
    if (alertEmail !== undefined && budgetDollars > 0)
      new MonthlyBudget(this, 'Budget', { dollars: budgetDollars, email: alertEmail, stage });
  }
}
