import { join } from 'node:path';
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { JobFunctions } from '../constructs/jobs/job-functions.ts';
import { JobMachine } from '../constructs/jobs/job-machine.ts';
import { JobNotices } from '../constructs/jobs/job-notices.ts';
import { ToonsBucket } from '../constructs/jobs/toons-bucket.ts';
import { LogQueries } from '../constructs/observe/log-queries.ts';
import { Alarms, alarmPeriod } from '../constructs/shared/alarms.ts';
import { functionAlarms } from '../constructs/shared/function-alarms.ts';
import type { HandlerCode } from '../constructs/shared/handler-function.ts';
import type { DataStack } from './data-stack.ts';
import type { IngestStack } from './ingest-stack.ts';

export interface JobsStackProps extends StackProps {
  readonly config: Config;
  readonly data: DataStack;
  readonly ingest: IngestStack;
  readonly definitions: string;
  readonly code: HandlerCode;
}

/** Jobs of toons: their bucket, state machine and notices. The functions behind their routes are in the API's stack. */
export class JobsStack extends Stack {
  readonly toons: ToonsBucket;
  readonly workflow: JobMachine;
  readonly deadLetterQueue: Queue;
  /** By the name of the state. */
  readonly functions: JobFunctions['byState'];
  readonly alarms: Alarms;

  constructor(scope: Construct, id: string, props: JobsStackProps) {
    super(scope, id, props);
    const { config, code, data, ingest } = props;
    const key = data.encryption.key;
    this.toons = new ToonsBucket(this, 'Toons', {
      key,
      retain: config.protectData,
      accessLogDays: config.accessLogDays,
    });
    const notices = new JobNotices(this, 'Notices', { key, config });
    this.deadLetterQueue = notices.deadLetterQueue;
    const { bucket } = this.toons;
    const { byState } = new JobFunctions(this, 'Functions', {
      bucket,
      tables: data.tables,
      key,
      config,
      code,
    });
    this.workflow = new JobMachine(this, 'Workflow', {
      definition: join(props.definitions, 'job.asl.json'),
      functions: byState,
      bucket,
      jobs: data.tables.jobs,
      bus: ingest.bus,
      topic: notices.topic,
      key,
      config,
    });
    const { machine } = this.workflow;
    this.functions = byState;
    const isFull = config.observability === 'full';
    const functions = Object.values(byState);
    new LogQueries(this, 'LogQueries', { functions, folder: 'jobs', stage: config.stage });
    this.alarms = new Alarms(this, 'Alarms', {
      topic: ingest.alerts.topic,
      stage: config.stage,
      alarms: [
        {
          name: 'caudal-jobs-failed',
          description: 'Executions of the state machine of the jobs of toons failed.',
          metric: machine.metricFailed({ period: alarmPeriod }),
          above: 0,
        },
        {
          name: 'caudal-job-dead-letters',
          description:
            'Notices about ended jobs were given up; whoever reads the queue does not know of these jobs.',
          metric: notices.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
            period: alarmPeriod,
            statistic: 'Maximum',
          }),
          above: 0,
        },
        ...(isFull ? functionAlarms({ name: 'job', whose: 'of the jobs of toons', functions }) : []),
      ],
    });

    new CfnOutput(this, 'ToonsBucket', { value: bucket.bucketName });
    new CfnOutput(this, 'JobMachine', { value: machine.stateMachineArn });
    new CfnOutput(this, 'JobTopic', { value: notices.topic.topicArn });
    new CfnOutput(this, 'JobQueue', { value: notices.queue.queueUrl });
    new CfnOutput(this, 'JobDeadLetterQueue', { value: notices.deadLetterQueue.queueUrl });
  }
}
