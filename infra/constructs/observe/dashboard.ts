import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  type Metric,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { MetricName } from '../../../core/metrics.ts';
import { ofStage } from '../../../core/stage.ts';
import type { Config } from '../../config.ts';
import type { Tables } from '../data/tables.ts';
import { type DeliveryStream, deliveryMetric } from '../ingest/delivery-stream.ts';
import type { IngestMachine } from '../ingest/ingest-machine.ts';
import type { IngestQueue } from '../ingest/ingest-queue.ts';
import type { JobMachine } from '../jobs/job-machine.ts';
import { alarmPeriod } from '../shared/alarms.ts';
import type { HandlerFunction } from '../shared/handler-function.ts';
import { ownMetric } from '../shared/own-metrics.ts';
import { kinesisDeliveryName } from '../sources/source-options.ts';

export interface InstallationDashboardProps {
  readonly config: Config;
  /** Names of the datasets. */
  readonly datasets: readonly string[];
  readonly stream: DeliveryStream;
  readonly queue: IngestQueue;
  readonly machine: IngestMachine;
  readonly jobMachine: JobMachine;
  readonly functions: Readonly<Record<string, HandlerFunction>>;
  readonly tables: Tables;
  readonly api: RestApi;
  /** Names of the alarms. */
  readonly alarms: readonly string[];
}

/** Widths of a row of four, in a dashboard's 24 columns. */
const quarter = 6;
const third = 8;

/**
 * One page of the installation: the flow from left to right, how fresh the datasets are, what was wrong with readings, what costs, the
 * API. Nothing of it is by sensor: the API and the console have that.
 */
export class InstallationDashboard extends Construct {
  constructor(scope: Construct, id: string, props: InstallationDashboardProps) {
    super(scope, id);
    const { kinesis, stage } = props.config;
    const alarms = props.alarms.map((name) => Alarm.fromAlarmName(this, name, name));
    new Dashboard(this, 'Dashboard', {
      dashboardName: ofStage('caudal', stage),
      defaultInterval: Duration.hours(24),
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms, width: 24, height: 4 })],
        ...section('The flow, from left to right', flow(props)),
        ...(kinesis === undefined
          ? []
          : section('From Kinesis', fromKinesis(kinesisDeliveryName(kinesis, stage)))),
        ...section('Freshness', freshness(props)),
        ...section('Rejects and corrections', rejects(props)),
        ...section('What costs', costs(props)),
        ...section('The API', answers(props)),
      ],
    });
  }
}

const section = (title: string, widgets: IWidget[]): IWidget[][] => [
  [new TextWidget({ markdown: `## ${title}`, width: 24, height: 1 })],
  widgets,
];

const graph = (title: string, left: IMetric[], width: number, right: IMetric[] = []): GraphWidget =>
  new GraphWidget({ title, left, right, width, height: 6, leftYAxis: { min: 0 } });

const sum = { period: alarmPeriod, statistic: 'Sum' };
const most = { period: alarmPeriod, statistic: 'Maximum' };

const own = ({ config }: InstallationDashboardProps, ...names: MetricName[]): Metric[] =>
  names.map((name) => ownMetric(name, config));

function flow(props: InstallationDashboardProps): IWidget[] {
  const { queue, machine } = props;
  return [
    graph('Records put to the stream', [props.stream.metric('IncomingRecords', 'Sum')], quarter),
    graph(
      'Objects that wait in the queue',
      [queue.queue.metricApproximateNumberOfMessagesVisible(most)],
      quarter,
      [queue.queue.metricApproximateAgeOfOldestMessage(most)],
    ),
    graph(
      'Executions of the ingestion',
      [
        machine.machine.metricStarted(sum),
        machine.machine.metricSucceeded(sum),
        machine.machine.metricFailed(sum),
      ],
      quarter,
      [machine.machine.metricTime({ period: alarmPeriod, statistic: 'p90' })],
    ),
    graph('Readings of new identities', own(props, 'AddedReadings'), quarter),
  ];
}

/**
 * As of the first delivery stream: what comes, how late it is, what is billed.
 * @param name of the delivery stream that reads Kinesis, and not its construct: an import would keep it there
 */
function fromKinesis(name: string): IWidget[] {
  return [
    graph('Records read', [deliveryMetric(name, 'DataReadFromKinesisStream.Records', 'Sum')], quarter),
    graph(
      'Milliseconds behind the newest record',
      [deliveryMetric(name, 'KinesisMillisBehindLatest', 'Maximum')],
      quarter,
    ),
    graph(
      'Oldest record in the delivery stream',
      [deliveryMetric(name, 'DeliveryToS3.DataFreshness', 'Maximum')],
      quarter,
    ),
    graph('Bytes read', [deliveryMetric(name, 'DataReadFromKinesisStream.Bytes', 'Sum')], quarter),
  ];
}

function freshness(props: InstallationDashboardProps): IWidget[] {
  const { config, datasets } = props;
  return [
    graph(
      'Age of the newest reading, by dataset',
      datasets.map((dataset) => ownMetric('ReadingAge', config, { dataset, statistic: 'Minimum' })),
      third,
    ),
    graph(
      'From upload to statistics, by dataset',
      datasets.map((dataset) => ownMetric('ArrivalDelay', config, { dataset })),
      third,
    ),
    graph(
      'Oldest record in the stream',
      [props.stream.metric('DeliveryToS3.DataFreshness', 'Maximum')],
      third,
    ),
  ];
}

function rejects(props: InstallationDashboardProps): IWidget[] {
  const { config } = props;
  const share = new MathExpression({
    expression: 'IF(lines > 0, 100 * rejected / lines, 0)',
    usingMetrics: { lines: ownMetric('Lines', config), rejected: ownMetric('RejectedLines', config) },
    label: 'rejected, percent',
    period: alarmPeriod,
  });
  const corrected: MetricName[] = ['RepeatedReadings', 'ReplacedReadings', 'SupersededReadings'];
  return [
    graph('Lines', own(props, 'Lines', 'RejectedLines'), quarter, [share]),
    graph('Left out', own(props, 'DroppedValues', 'RefusedFiles'), quarter),
    graph('Repeated and corrected', own(props, ...corrected, 'ContestedReadings'), quarter),
    graph('Alerts, conflicts of merges', own(props, 'Alerts', 'MergeConflicts'), quarter),
  ];
}

function costs(props: InstallationDashboardProps): IWidget[] {
  const { tables, functions, machine, jobMachine } = props;
  return [
    graph('Bytes put to the stream', [props.stream.metric('IncomingBytes', 'Sum')], quarter),
    graph(
      'Executions: ingestion, jobs of toons',
      [machine.machine.metricStarted(sum), jobMachine.machine.metricStarted(sum)],
      quarter,
      own(props, 'Toons', 'FailedToons'),
    ),
    graph(
      'Milliseconds of functions',
      Object.entries(functions).map(([label, { function: each }]) => each.metricDuration({ ...sum, label })),
      quarter,
    ),
    graph(
      'Write units of tables',
      tables.all.map((table) => table.metricConsumedWriteCapacityUnits({ ...sum, label: table.node.id })),
      quarter,
      tables.all.map((table) =>
        table.metricConsumedReadCapacityUnits({ ...sum, label: `${table.node.id}, read` }),
      ),
    ),
  ];
}

function answers({ api }: InstallationDashboardProps): IWidget[] {
  const latency = (statistic: string) =>
    api.metricLatency({ period: alarmPeriod, statistic, label: statistic });
  return [
    graph('Requests', [api.metricCount(sum)], third),
    graph('Refused, failed', [api.metricClientError(sum), api.metricServerError(sum)], third),
    graph('Milliseconds to an answer', [latency('p50'), latency('p99')], third),
  ];
}
