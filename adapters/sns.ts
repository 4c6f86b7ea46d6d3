import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { NoticePublisher } from '../ports/records.ts';
import { reaching } from './store-faults.ts';

/**
 * Publishes to one SNS topic. The subject is cut to SNS's 100 characters of printable ASCII. The role needs `sns:Publish`, and
 * the topic's key where it is encrypted.
 */
export function createNotices(client: SNSClient, topicArn: string): NoticePublisher {
  return {
    async publish({ subject, message, attributes }) {
      const entries = Object.entries(attributes).map(([name, value]) => [
        name,
        { DataType: 'String', StringValue: value },
      ]);
      await reaching(
        client.send(
          new PublishCommand({
            TopicArn: topicArn,
            Subject: subject.replace(/[^ -~]/g, '?').slice(0, 100),
            Message: message,
            MessageAttributes: Object.fromEntries(entries),
          }),
        ),
      );
    },
  };
}
