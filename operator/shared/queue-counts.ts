import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';

export interface QueueCounts {
  readonly arn: string;
  /** Waiting to be received. */
  readonly visible: number;
  /** Received and not deleted yet. */
  readonly inFlight: number;
  /** Where messages go that nobody could handle. */
  readonly deadLetterArn: string | undefined;
}

/** What SQS tells of a queue; its counts lag by seconds. */
export async function queueCounts(client: SQSClient, url: string): Promise<QueueCounts> {
  const { Attributes: of = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
  );
  const redrive =
    of.RedrivePolicy === undefined ? {} : (JSON.parse(of.RedrivePolicy) as { deadLetterTargetArn?: string });
  return {
    arn: of.QueueArn ?? '',
    visible: Number(of.ApproximateNumberOfMessages ?? 0),
    inFlight: Number(of.ApproximateNumberOfMessagesNotVisible ?? 0),
    deadLetterArn: redrive.deadLetterTargetArn,
  };
}
