import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Config } from '../../config.ts';
import type { Tables } from '../data/tables.ts';
import type { DeliveryStream } from '../ingest/delivery-stream.ts';
import { type HandlerCode, HandlerFunction } from '../shared/handler-function.ts';
import { tableReadKeyActions } from '../shared/permissions.ts';

export interface ApiFunctionsProps {
  readonly tables: Tables;
  readonly stream: DeliveryStream;
  readonly key: IKey;
  readonly config: Config;
  readonly code: HandlerCode;
  /** Where tokens are issued, for the OpenAPI document to say. */
  readonly tokenUrl: string;
}

/** API Gateway answers for a function after 29 s; what has not been answered by then nobody waits for. */
export const apiTimeoutSeconds = 28;

/** The functions behind the API's routes. Reading, writing and the public routes are apart, so that each has only its own rights. */
export class ApiFunctions extends Construct {
  /** By the folder under `handlers/`, as the table of routes names it. */
  readonly byHandler: Readonly<Record<string, HandlerFunction>>;

  constructor(scope: Construct, id: string, props: ApiFunctionsProps) {
    super(scope, id);
    const { tables, stream, key, config, code } = props;
    const common = { code, config, key, timeoutSeconds: apiTimeoutSeconds };
    const describeApi = new HandlerFunction(this, 'DescribeApi', {
      ...common,
      handler: 'api/describe-api',
      description: 'Public: health and the OpenAPI document',
      memoryMiB: 256,
      environment: { TOKEN_URL: props.tokenUrl },
      permissions: [],
    });
    const queryApi = new HandlerFunction(this, 'QueryApi', {
      ...common,
      handler: 'api/query-api',
      description: 'Answers queries about datasets, statistics, alerts and jobs',
      memoryMiB: 1024, // half a CPU more starts the SDK in half the time; a query itself needs little
      environment: {
        STATISTICS_TABLE: tables.statistics.tableName,
        JOBS_TABLE: tables.jobs.tableName,
        ALERTS_TABLE: tables.alerts.tableName,
      },
      permissions: [
        {
          actions: ['dynamodb:Query'],
          resources: [
            tables.statistics.tableArn,
            `${tables.statistics.tableArn}/index/by-period`,
            tables.jobs.tableArn,
            `${tables.alerts.tableArn}/index/by-day`,
          ],
        },
        { actions: ['dynamodb:GetItem'], resources: [tables.jobs.tableArn] },
        { actions: tableReadKeyActions, resources: [key.keyArn] },
      ],
    });
    const submitReadings = new HandlerFunction(this, 'SubmitReadings', {
      ...common,
      handler: 'api/submit-readings',
      description: 'Validates readings and puts them to the delivery stream',
      memoryMiB: 1024,
      environment: { DELIVERY_STREAM: stream.stream.ref },
      permissions: [{ actions: ['firehose:PutRecordBatch'], resources: [stream.stream.attrArn] }],
    });
    this.byHandler = {
      'describe-api': describeApi,
      'query-api': queryApi,
      'submit-readings': submitReadings,
    };
  }
}
