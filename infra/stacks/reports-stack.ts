import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { LakeView } from '../../core/lake/lake-views.ts';
import type { Config } from '../config.ts';
import { LogQueries } from '../constructs/observe/log-queries.ts';
import { MonthlyReports, reportAlarms } from '../constructs/reports/monthly-reports.ts';
import { Alarms } from '../constructs/shared/alarms.ts';
import type { HandlerCode } from '../constructs/shared/handler-function.ts';
import type { DataStack } from './data-stack.ts';
import type { IngestStack } from './ingest-stack.ts';

export interface ReportsStackProps extends StackProps {
  readonly config: Config;
  readonly data: DataStack;
  readonly ingest: IngestStack;
  readonly code: HandlerCode;
  readonly views: readonly LakeView[];
  /** The SQL of reports, by the name of the dataset. */
  readonly reports: Readonly<Record<string, string>>;
}

/** Reports of the month that ended. It can be left out, and taken away. */
export class ReportsStack extends Stack {
  readonly alarms: Alarms;

  constructor(scope: Construct, id: string, props: ReportsStackProps) {
    super(scope, id, props);
    const { config, data, ingest, code, views, reports } = props;
    const monthly = new MonthlyReports(this, 'Monthly', {
      ...{ config, code, views, reports },
      key: data.encryption.key,
      curated: data.buckets.curated,
      results: data.lake.results,
    });
    new LogQueries(this, 'LogQueries', {
      functions: [monthly.function],
      folder: 'reports',
      stage: config.stage,
    });
    this.alarms = new Alarms(this, 'Alarms', {
      topic: ingest.alerts.topic,
      stage: config.stage,
      alarms: reportAlarms(monthly),
    });
    new CfnOutput(this, 'ReportBucket', { value: monthly.bucket.bucketName });
    new CfnOutput(this, 'ReportTopic', { value: monthly.topic.topicArn });
    new CfnOutput(this, 'ReportFunction', { value: monthly.function.function.functionName });
    new CfnOutput(this, 'ReportRule', { value: monthly.rule.ref });
    new CfnOutput(this, 'ReportDeadLetterQueue', { value: monthly.deadLetterQueue.queueUrl });
  }
}
