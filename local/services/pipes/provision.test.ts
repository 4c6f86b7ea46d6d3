import { expect, test } from 'vitest';
import type { PipeSettings } from './polling.ts';
import { provisionPipes } from './provision.ts';

/** Makes a pipe with these parameters of its source, and returns what the service was asked to run. */
function provisioned(SqsQueueParameters: object): PipeSettings | undefined {
  let created: PipeSettings | undefined;
  const provision = provisionPipes({
    createPipe(settings: PipeSettings) {
      created = settings;
      return { arn: 'arn:aws:pipes:us-east-1:000000000000:pipe/pipe' };
    },
  } as unknown as Parameters<typeof provisionPipes>[0]);
  provision['AWS::Pipes::Pipe']?.({
    stack: 'Stack',
    logicalId: 'Pipe',
    type: 'AWS::Pipes::Pipe',
    properties: {
      Source: 'arn:aws:sqs:us-east-1:000000000000:queue',
      Target: 'arn:aws:states:us-east-1:000000000000:stateMachine:machine',
      SourceParameters: { SqsQueueParameters },
    },
    metadata: {},
  });
  return created;
}

test('a batch of more than 10 messages needs a window, as on AWS', () => {
  expect(provisioned({ BatchSize: 25, MaximumBatchingWindowInSeconds: 1 })).toMatchObject({ batchSize: 25 });
  expect(provisioned({ BatchSize: 10 })).toMatchObject({ batchSize: 10, windowSeconds: 0 });
  expect(() => provisioned({ BatchSize: 11, MaximumBatchingWindowInSeconds: 0 })).toThrow(
    'Stack/Pipe: AWS refuses this pipe: a BatchSize above 10, here 11, needs a MaximumBatchingWindowInSeconds of 1',
  );
  expect(() => provisioned({ BatchSize: 10_001, MaximumBatchingWindowInSeconds: 1 })).toThrow('1 to 10,000');
  expect(() => provisioned({ BatchSize: 1, MaximumBatchingWindowInSeconds: 301 })).toThrow('to 300');
});
