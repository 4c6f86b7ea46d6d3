// The process that durability.test.ts kills: every service with a state, wired as the cloud wires them.
import { createEndpoint } from '../../../local/engine/endpoint.ts';
import { createDynamoDb } from '../../../local/services/dynamodb/service.ts';
import { createEventBridge } from '../../../local/services/eventbridge/service.ts';
import { createFirehose } from '../../../local/services/firehose/service.ts';
import { createKinesis } from '../../../local/services/kinesis/service.ts';
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
const kinesis = createKinesis({ directory: `${directory}/kinesis` });
let allRead: () => void = () => {};
const firehose = createFirehose({
  ...{ directory: `${directory}/firehose`, s3, timeScale: 10 },
  sources: () => kinesis,
  onRead(_, { records }) {
    if (records === 0) allRead();
  },
});
const tables = createDynamoDb({ directory: `${directory}/dynamodb` });

const work = queues.createQueue({ name: 'work', visibilityTimeoutSeconds: 600 });
const objects = queues.createQueue({ name: 'objects', visibilityTimeoutSeconds: 600 });
s3.createBucket({ name: 'raw', versioned: true, eventBridge: true });
events.putRule({
  name: 'objects',
  pattern: { source: ['aws.s3'] },
  targets: [{ id: 'q', arn: objects.arn }],
});
const delivery = { bucket: 'raw', gzip: false, bufferSeconds: 10, bufferMiB: 1 };
firehose.createStream({ ...delivery, name: 'stream', prefix: 'firehose/' });
const source = kinesis.createStream({ name: 'source', shards: 2, onDemand: false, retentionHours: 24 }).arn;
firehose.createStream({ ...delivery, name: 'reading', prefix: 'kinesis/', source });
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
const endpoint = createEndpoint({ services: [queues, topics, events, s3, firehose, kinesis, tables] });
const { port } = await endpoint.listen(0);
process.send?.({ port, work: work.url, objects: objects.url });
process.on('message', async (message) => {
  if (message === 'flush') {
    // A whole round of reads that found nothing: all that was put before is taken.
    await new Promise<void>((resolve) => {
      allRead = resolve;
    });
    await firehose.flush();
    await events.idle();
    process.send?.({ published: topics.published().map(({ message }) => message) });
  }
});
