import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  RedriveExecutionCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MachineCloud, machineCloud } from '../../../test/support/local/machine-cloud.ts';

let cloud: MachineCloud;
const bucket = 'work';

beforeAll(async () => {
  cloud = await machineCloud();
  cloud.s3.createBucket({ name: bucket });
  cloud.createFunction(
    'child',
    `export const handler = async ({ item, fail }) => {
      if (fail.includes(item.n)) throw Object.assign(new Error('no ' + item.n), { name: 'BadItem' });
      return { twice: item.n * 2 }; };`,
  );
});
afterAll(() => cloud.close());

/** A distributed map over a manifest in S3, as the ingest machine has it. */
function mapMachine(name: string, more: object = {}, reader: object = { InputType: 'JSON' }) {
  return cloud.createMachine(name, {
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        Label: 'Each',
        MaxConcurrencyPath: '$.wide',
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          ReaderConfig: reader,
          Parameters: { Bucket: bucket, 'Key.$': '$.key' },
        },
        ItemSelector: { 'item.$': '$$.Map.Item.Value', 'fail.$': '$.fail' },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
          StartAt: 'Call',
          States: {
            Call: {
              Type: 'Task',
              Resource: 'arn:aws:states:::lambda:invoke',
              Parameters: { FunctionName: 'child', 'Payload.$': '$' },
              OutputPath: '$.Payload',
              End: true,
            },
          },
        },
        ResultWriter: {
          Resource: 'arn:aws:states:::s3:putObject',
          Parameters: { Bucket: bucket, 'Prefix.$': "States.Format('results/{}', $$.Execution.Name)" },
        },
        End: true,
        ...more,
      },
    },
  });
}

async function put(key: string, body: string) {
  await cloud.s3.putObject({ bucket, key, body });
}
async function get(key: string): Promise<unknown> {
  const { body } = await cloud.s3.getObject({ bucket, key });
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
}
async function run(stateMachineArn: string, input: object) {
  const { executionArn } = await cloud.sfn.send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify({ wide: 4, fail: [], ...input }) }),
  );
  return cloud.ended(executionArn);
}
async function mapRunsOf(executionArn: string | undefined) {
  const { mapRuns = [] } = await cloud.sfn.send(new ListMapRunsCommand({ executionArn }));
  return Promise.all(
    mapRuns.map(({ mapRunArn }) => cloud.sfn.send(new DescribeMapRunCommand({ mapRunArn }))),
  );
}
const numbers = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));

describe('a distributed map', () => {
  it('runs a child for each item of the object and writes the results as AWS does', async () => {
    await put('items.json', JSON.stringify(numbers(25)));
    const arn = mapMachine('maps');
    const ended = await run(arn, { key: 'items.json' });
    expect(ended.status).toBe('SUCCEEDED');
    const output = JSON.parse(String(ended.output));
    expect(output.ResultWriterDetails).toEqual({
      Bucket: bucket,
      Key: expect.stringMatching(new RegExp(`^results/${ended.name}/[0-9a-f-]{36}/manifest.json$`)),
    });
    const manifest = (await get(output.ResultWriterDetails.Key)) as {
      ResultFiles: Record<string, { Key: string; Size: number }[]>;
    };
    expect(manifest).toMatchObject({ DestinationBucket: bucket, MapRunArn: output.MapRunArn });
    expect(manifest.ResultFiles.FAILED).toEqual([]);
    expect(manifest.ResultFiles.PENDING).toEqual([]);
    const results = (await get(String(manifest.ResultFiles.SUCCEEDED?.[0]?.Key))) as Record<string, string>[];
    expect(results).toHaveLength(25);
    expect(results[7]).toMatchObject({
      ExecutionArn: expect.stringMatching(/^arn:aws:states:us-east-1:000000000000:express:maps\/Each:/),
      Input: '{"item":{"n":7},"fail":[]}',
      Output: '{"twice":14}',
      Status: 'SUCCEEDED',
      RedriveStatus: 'NOT_REDRIVABLE',
    });
    const [mapRun] = await mapRunsOf(ended.executionArn);
    expect(mapRun).toMatchObject({
      status: 'SUCCEEDED',
      itemCounts: { total: 25, succeeded: 25, failed: 0, pending: 0, running: 0, resultsWritten: 25 },
    });
    const { executions } = await cloud.sfn.send(new ListExecutionsCommand({ stateMachineArn: arn }));
    expect(executions).toHaveLength(1);
    const { events = [] } = await cloud.sfn.send(
      new GetExecutionHistoryCommand({ executionArn: ended.executionArn }),
    );
    expect(events.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'MapStateEntered',
      'MapStateStarted',
      'MapRunStarted',
      'MapRunSucceeded',
      'MapStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it.each([
    ['JSONL', '{"n":1}\n{"n":2}\n', [2, 4]],
    ['CSV', 'n,name\n3,"a,b"\n4,c\n', [6, 8]],
  ])('reads %s', async (InputType, text, twice) => {
    await put('items.txt', text);
    const arn = mapMachine(
      `reads-${InputType}`,
      { ResultWriter: undefined },
      { InputType, CSVHeaderLocation: 'FIRST_ROW' },
    );
    const ended = await run(arn, { key: 'items.txt' });
    expect(JSON.parse(String(ended.output))).toEqual(twice.map((value) => ({ twice: value })));
  });

  it('fails with the first failing child, and writes what failed and what was pending', async () => {
    await put('items.json', JSON.stringify(numbers(50)));
    const ended = await run(mapMachine('fails-first'), { key: 'items.json', wide: 1, fail: [2] });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    const [mapRun] = await mapRunsOf(ended.executionArn);
    expect(mapRun).toMatchObject({ status: 'FAILED', itemCounts: { total: 50, succeeded: 2, failed: 1 } });
    const keys = cloud.s3.listKeys({ bucket, prefix: `results/${ended.name}/` }).map(({ key }) => key);
    expect(keys.map((key) => key.split('/').at(-1))).toEqual([
      'FAILED_0.json',
      'PENDING_0.json',
      'SUCCEEDED_0.json',
      'manifest.json',
    ]);
    const failed = (await get(String(keys[0]))) as object[];
    expect(failed).toMatchObject([
      { Status: 'FAILED', Error: 'BadItem', Input: '{"item":{"n":2},"fail":[2]}' },
    ]);
    expect(await get(String(keys[1]))).toHaveLength(47);
    const { executions: children = [] } = await cloud.sfn.send(
      new ListExecutionsCommand({ mapRunArn: mapRun?.mapRunArn, statusFilter: 'FAILED' }),
    );
    expect(children.map(({ executionArn }) => executionArn)).toEqual([
      expect.stringMatching(/:express:fails-first\/Each:[0-9a-f-]+:[0-9a-f-]+$/),
    ]);
    const describe = (executionArn: string | undefined) =>
      cloud.sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(await describe(children[0]?.executionArn)).toMatchObject({
      ...{ status: 'FAILED', error: 'BadItem', mapRunArn: mapRun?.mapRunArn },
      ...{ input: '{"item":{"n":2},"fail":[2]}', cause: expect.stringContaining('no 2') },
    });
    await expect(describe(children[0]?.executionArn?.replace(/.$/, 'x'))).rejects.toMatchObject({
      name: 'ExecutionDoesNotExist',
    });
  });

  it('tolerates what it is told to', async () => {
    await put('items.json', JSON.stringify(numbers(10)));
    const arn = mapMachine('tolerates', { ToleratedFailurePercentage: 20 });
    expect((await run(arn, { key: 'items.json', fail: [1, 2] })).status).toBe('SUCCEEDED');
    expect(await run(arn, { key: 'items.json', fail: [1, 2, 3] })).toMatchObject({
      status: 'FAILED',
      error: 'States.ExceedToleratedFailureThreshold',
    });
  });

  it('says when its items can not be read', async () => {
    const arn = mapMachine('unreadable');
    expect(await run(arn, { key: 'none.json' })).toMatchObject({
      status: 'FAILED',
      error: 'States.ItemReaderFailed',
      cause: expect.stringContaining('NoSuchKey'),
    });
    await put('object.json', '{"not":"a list"}');
    expect(await run(arn, { key: 'object.json' })).toMatchObject({ error: 'States.ItemReaderFailed' });
  });

  it('has nothing to do for an empty list', async () => {
    await put('empty.json', '[]');
    expect((await run(mapMachine('empty'), { key: 'empty.json' })).status).toBe('SUCCEEDED');
  });

  it('runs only what had not succeeded when it is redriven', async () => {
    await put('items.json', JSON.stringify(numbers(6)));
    const arn = mapMachine('redrives-map');
    const failed = await run(arn, { key: 'items.json', wide: 1, fail: [4] });
    expect(failed.status).toBe('FAILED');
    let invoked = 0;
    cloud.interceptors.push(async ({ service, phase }) => {
      if (service === 'lambda' && phase === 'before') invoked += 1;
    });
    cloud.createFunction('child', 'export const handler = async ({ item }) => ({ twice: item.n * 2 });');
    await cloud.sfn.send(new RedriveExecutionCommand({ executionArn: failed.executionArn }));
    expect((await cloud.ended(failed.executionArn)).status).toBe('SUCCEEDED');
    cloud.interceptors.length = 0;
    expect(invoked).toBe(2);
    const [mapRun, ...others] = await mapRunsOf(failed.executionArn);
    expect(others).toEqual([]);
    expect(mapRun).toMatchObject({
      status: 'SUCCEEDED',
      redriveCount: 1,
      itemCounts: { total: 6, succeeded: 6 },
    });
  });
});
