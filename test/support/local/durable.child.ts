// The process that durability.test.ts kills: every service with a state, wired as the cloud wires them.
import { createEndpoint } from '../../../local/engine/endpoint.ts';
import { createDynamoDb } from '../../../local/services/dynamodb/service.ts';
import { createEventBridge } from '../../../local/services/eventbridge/service.ts';
import { createFirehose } from '../../../local/services/firehose/service.ts';
import { createS3 } from '../../../local/services/s3/service.ts';
import { createSns } from '../../../local/services/sns/service.ts';
import { createSqs } from '../../../local/services/sqs/service.ts';

const directory = process.argv[2] as string;
const queues = createSqs({ directory: `${directory}/sqs` });
const topics = createSns({ directory: `${directory}/sns`, queues });
const events = createEventBridge({
  directory: `${directory}/events`,
  deliver: async (arn, event) => {
    queues.send(arn, JSON.stringify(event));
  },
});
const s3 = createS3({ directory: `${directory}/s3`, onObjectCreated: (event) => events.publish(event) });
const firehose = createFirehose({ directory: `${directory}/firehose`, s3 });
const tables = createDynamoDb({ directory: `${directory}/dynamodb` });

const work = queues.createQueue({ name: 'work', visibilityTimeoutSeconds: 600 });
const objects = queues.createQueue({ name: 'objects', visibilityTimeoutSeconds: 600 });
s3.createBucket({ name: 'raw', versioned: true, eventBridge: true });
events.putRule({
  name: 'objects',
  pattern: { source: ['aws.s3'] },
  targets: [{ id: 'q', arn: objects.arn }],
});
firehose.createStream({
  name: 'stream',
  bucket: 'raw',
  prefix: 'firehose/',
  gzip: false,
  bufferSeconds: 1,
  bufferMiB: 1,
});
topics.createTopic({ name: 'topic' });
await tables.createTable(
  {
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  },
  'table',
);
s3.start();
events.start();
firehose.start();
const endpoint = createEndpoint({ services: [queues, topics, events, s3, firehose, tables] });
const { port } = await endpoint.listen(0);
process.send?.({ port, work: work.url, objects: objects.url });
process.on('message', async (message) => {
  if (message === 'flush') {
    await firehose.flush();
    await events.idle();
    process.send?.({ published: topics.published().map(({ message }) => message) });
  }
});
