import { expect, test } from 'vitest';
import type { OpenInstallation } from '../shared/open-installation.ts';
import { checkPermissions } from './check-permissions.ts';

/** The inputs of calls, by their command, of services that take whatever they are asked. */
async function askedOf(command: string): Promise<Record<string, unknown>[]> {
  const asked: [string, Record<string, unknown>][] = [];
  const client = {
    send: async (sent: { constructor: { name: string }; input: Record<string, unknown> }) => {
      asked.push([sent.constructor.name, sent.input]);
      return {};
    },
  };
  const machine = 'arn:aws:states:eu-west-1:123456789012:stateMachine:caudal-ingest';
  const [check] = await checkPermissions({
    installation: { ingestMachine: machine, ingestQueue: 'queue', ingestDeadLetterQueue: 'dead' },
    s3: client,
    documents: client,
    sqs: client,
    stepFunctions: client,
  } as unknown as OpenInstallation);
  expect(check?.state).toBe('ok');
  return asked.filter(([name]) => name === command).map(([, input]) => input);
}

test('what is asked about starting executions can start none, even where names or inputs are not checked', async () => {
  const [start, ...more] = await askedOf('StartExecutionCommand');
  expect(more).toEqual([]);
  expect(start?.stateMachineArn).toMatch(/:stateMachine:caudal-ingest:doctor-there-is-no-such-alias$/);
  expect(() => JSON.parse(String(start?.input))).toThrow();
});

test('what is asked about sending messages has none to send', async () => {
  expect(await askedOf('SendMessageCommand')).toEqual([]);
  expect(await askedOf('SendMessageBatchCommand')).toEqual([{ QueueUrl: 'queue', Entries: [] }]);
});
