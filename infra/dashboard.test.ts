import { describe, expect, test } from 'vitest';
import { datasets } from '#datasets';
import { type MetricName, metrics } from '../core/metrics.ts';
import { awsMetrics } from '../test/support/infra/aws-metrics.ts';
import { metricsOf } from '../test/support/infra/metrics-of.ts';
import { resourcesOf } from '../test/support/infra/resources.ts';
import { synthesize } from '../test/support/infra/synthesized.ts';

const templates = synthesize();
const shown = metricsOf(templates, 'AWS::CloudWatch::Dashboard');

describe('the dashboard', () => {
  test('shows each metric that functions write, and no other of theirs', () => {
    const own = shown.filter(({ namespace }) => namespace === 'Caudal').map(({ name }) => name);
    expect([...new Set(own)].sort()).toEqual(Object.keys(metrics).sort());
  });

  test('names else only metrics that AWS has', () => {
    const ofAws = shown.filter(({ namespace }) => namespace !== 'Caudal');
    expect(ofAws.length).toBeGreaterThan(20);
    for (const { namespace, name } of ofAws) expect(awsMetrics[namespace]).toContain(name);
  });

  test('has no dimension but those of resources and of datasets: nothing is by sensor', () => {
    const dimensions = new Set(shown.flatMap((metric) => metric.dimensions.map(({ Name }) => Name)));
    expect([...dimensions].sort()).toEqual([
      ...['ApiName', 'DeliveryStreamName', 'FunctionName', 'QueueName', 'StateMachineArn', 'TableName'],
      'dataset',
    ]);
    for (const name of ['ReadingAge', 'ArrivalDelay'] satisfies MetricName[]) {
      const values = shown
        .filter((metric) => metric.name === name)
        .map((metric) => metric.dimensions[0]?.Value);
      expect(values.sort()).toEqual(datasets.map((dataset) => dataset.name).sort());
    }
  });

  test('shows what is read from Kinesis, and how far behind, where something is: by a name that nothing exports', () => {
    const of = (value: string) => {
      const set = synthesize({ 'caudal:kinesis': value, 'caudal:stage': 'trial' });
      const [{ properties } = { properties: {} }] = resourcesOf(
        set,
        'AWS::KinesisFirehose::DeliveryStream',
      ).filter((each) => each.properties.DeliveryStreamType === 'KinesisStreamAsSource');
      const name = properties.DeliveryStreamName;
      const metrics = metricsOf(set, 'AWS::CloudWatch::Dashboard').filter(({ dimensions }) =>
        dimensions.some(({ Value }) => Value === name),
      );
      const [operations] = resourcesOf(set, 'AWS::Lambda::Function').filter(
        (each) => each.properties.Environment?.Variables?.WATCHED_NAMESPACE !== undefined,
      );
      expect(operations?.properties.Environment.Variables.SOURCE_DELIVERY_STREAM).toBe(name);
      return { name, metrics: metrics.map((each) => each.name) };
    };
    const [made, there] = [of('new'), of('stream/telemetry')];
    expect(made).toEqual({
      name: 'caudal-kinesis-new-trial',
      metrics: [
        'DataReadFromKinesisStream.Records',
        'KinesisMillisBehindLatest',
        'DeliveryToS3.DataFreshness',
        'DataReadFromKinesisStream.Bytes',
      ],
    });
    expect(there.metrics).toEqual(made.metrics);
    expect(there.name).not.toBe(made.name);
    expect(shown.filter(({ name }) => name.includes('Kinesis'))).toEqual([]);
  });

  test('goes from left to right as readings do, and is one page an installation', () => {
    const [dashboard, ...more] = resourcesOf(templates, 'AWS::CloudWatch::Dashboard');
    expect(more).toEqual([]);
    expect(dashboard?.properties.DashboardName).toBe('caudal');
    const order = ['AWS/Firehose', 'AWS/SQS', 'AWS/States', 'Caudal'];
    const flow = [...new Set(shown.map(({ namespace }) => namespace))];
    expect(flow.slice(0, order.length)).toEqual(order);
  });
});
