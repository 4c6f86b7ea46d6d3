import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { IncomingObjects } from '../ports/inbox.ts';
import { reaching } from './store-faults.ts';

/** The queue of new objects: those in it, and those that the pipe gathers into a batch. The role needs `sqs:GetQueueAttributes`. */
export function createIncomingObjects(client: SQSClient, queueUrl: string): IncomingObjects {
  return {
    async areWaiting() {
      const { Attributes = {} } = await reaching(
        client.send(
          new GetQueueAttributesCommand({
            QueueUrl: queueUrl,
            AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
          }),
        ),
      );
      return Object.values(Attributes).some((count) => Number(count) > 0);
    },
  };
}
