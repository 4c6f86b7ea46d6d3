import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type MachineCloud, machineCloud } from '../../../test/support/local/machine-cloud.ts';

/** Bytes of a state's input, result and output. */
const limit = 262_144;

let cloud: MachineCloud;
let arn: string;
beforeAll(async () => {
  cloud = await machineCloud();
  cloud.createFunction('grow', "export const handler = async ({ n }) => 'x'.repeat(n);");
  arn = cloud.createMachine('limits', {
    StartAt: 'Grow',
    States: {
      Grow: { Type: 'Task', Resource: cloud.functions.find('grow').arn, End: true },
    },
  });
});
afterAll(() => cloud.close());

const start = (input: string) => cloud.sfn.send(new StartExecutionCommand({ stateMachineArn: arn, input }));

it('takes an input of 262,144 bytes, and refuses one of a byte more at once', async () => {
  const inputOf = (bytes: number) => `{"n":1,"pad":"${'x'.repeat(bytes - '{"n":1,"pad":""}'.length)}"}`;
  expect(Buffer.byteLength(inputOf(limit))).toBe(limit);
  const { executionArn } = await start(inputOf(limit));
  expect(await cloud.ended(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '"x"' });
  await expect(start(inputOf(limit + 1))).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining(String(limit)),
  });
});

it('takes a result of 262,144 bytes, and fails with States.DataLimitExceeded at a byte more', async () => {
  const quotes = 2;
  const full = await cloud.ended((await start(`{"n":${limit - quotes}}`)).executionArn);
  expect(full.status).toBe('SUCCEEDED');
  expect(full.output).toHaveLength(limit);
  const beyond = await cloud.ended((await start(`{"n":${limit - quotes + 1}}`)).executionArn);
  expect(beyond).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
});
