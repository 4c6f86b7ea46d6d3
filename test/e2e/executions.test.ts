import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  paginateGetExecutionHistory,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { usualTransitions } from '../../operator/cost/execution.ts';
import { type Exercised, startExercised } from '../support/iam/exercise.ts';

/** What an execution of the ingestion costs, and what one that failed says of itself before anybody looks further. */

let exercised: Exercised;
beforeAll(async () => {
  exercised = await startExercised();
});
afterAll(() => exercised?.world.close());

const header = 'Fecha,Medida,Desviaciones';

/** The executions that have this status, newest first. */
async function executionsThat(status: 'SUCCEEDED' | 'FAILED') {
  const { stepFunctions, target } = exercised.world;
  const { executions = [] } = await stepFunctions.send(
    new ListExecutionsCommand({ stateMachineArn: target.machineArn, statusFilter: status }),
  );
  return executions;
}

const described = ({ executionArn }: { executionArn?: string | undefined }) =>
  exercised.world.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));

async function statesEntered({ executionArn }: { executionArn?: string | undefined }): Promise<string[]> {
  const client = exercised.world.stepFunctions;
  const entered: string[] = [];
  for await (const { events = [] } of paginateGetExecutionHistory({ client }, { executionArn })) {
    for (const { stateEnteredEventDetails: details } of events)
      if (details !== undefined) entered.push(details.name ?? '');
  }
  return entered;
}

test('a usual execution enters nine states: the Standard transitions that AWS bills', async () => {
  const { world } = exercised;
  await world.upload('landing/water-temperature/a.csv', `${header}\n2024/1/23,12.5,0.9\n2024/2/1,12,0.1\n`);
  await world.settled(2);
  const [execution] = await executionsThat('SUCCEEDED');
  const entered = await statesEntered(execution ?? {});
  expect(entered.length, entered.join(', ')).toBeLessThanOrEqual(9);
  expect(entered).toHaveLength(usualTransitions);
  const { output = '' } = await described(execution ?? {});
  expect(JSON.parse(output)).toMatchObject({
    merge: { state: 'Completed', totals: { segments: 1, lines: 2, valid: 2 } },
  });
});

test('one that fails in a merge says which, why, and merges when it is run again', async () => {
  const { world, faults } = exercised;
  faults.add('MergePartition Query');
  await world.upload('landing/water-temperature/b.csv', `${header}\n2024/1/24,12.5,0.9\n`);
  await expect.poll(() => executionsThat('FAILED')).toHaveLength(1);
  const [execution] = await executionsThat('FAILED');
  const { error, cause, input } = await described(execution ?? {});
  expect(error).toBe('MergesFailed');
  expect(cause).toBe(
    '1 of 1 merges failed: water-temperature shard 0 of 2024-01: ValidationException: The exercise makes this call fail.',
  );
  expect(await statesEntered(execution ?? {})).toEqual(
    expect.arrayContaining(['MarkJobFailed', 'PutFailedEvent', 'IngestFailed']),
  );
  faults.clear();
  const { stepFunctions, target } = world;
  await stepFunctions.send(new StartExecutionCommand({ stateMachineArn: target.machineArn, input }));
  await world.settled(3);
  await expect.poll(() => executionsThat('SUCCEEDED')).toHaveLength(2);
});

test('one that fails in a validation says which object, and why', async () => {
  const { stepFunctions, target } = exercised.world;
  const segment = { bucket: target.rawBucket, key: 'landing/stock-ticks/none.csv', versionId: 'none' };
  const { executionArn } = await stepFunctions.send(
    new StartExecutionCommand({
      stateMachineArn: target.machineArn,
      input: JSON.stringify({ segments: [segment] }),
    }),
  );
  await expect.poll(async () => (await described({ executionArn })).status).toBe('FAILED');
  const { error, cause } = await described({ executionArn });
  expect(error).toBe('SegmentsFailed');
  expect(cause).toMatch(
    /^1 of 1 segments failed: landing\/stock-ticks\/none\.csv: SegmentMissing: .*none\.csv/,
  );
});
