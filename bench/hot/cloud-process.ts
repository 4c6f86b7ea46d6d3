import { readFileSync, writeFileSync } from 'node:fs';
import { createEndpoint } from '../../local/engine/endpoint.ts';
import { createDynamoDb } from '../../local/services/dynamodb/service.ts';
import { createS3 } from '../../local/services/s3/service.ts';
import { createSqs } from '../../local/services/sqs/service.ts';
import { answer } from './worker.ts';

/** S3, SQS and DynamoDB of the local cloud in a process of their own, so that they take no time of the function's thread. */
const directory = process.argv[2] as string; // the parent gives it
const s3 = createS3({ directory: `${directory}/s3` });
const dynamodb = createDynamoDb({ directory: `${directory}/dynamodb` });
s3.createBucket({ name: 'raw', versioned: true });
s3.createBucket({ name: 'curated' });
const keyed = (partition: string, sort?: string) => ({
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [partition, ...(sort ? [sort] : [])].map((name) => ({
    AttributeName: name,
    AttributeType: 'S',
  })),
  KeySchema: [
    { AttributeName: partition, KeyType: 'HASH' },
    ...(sort ? [{ AttributeName: sort, KeyType: 'RANGE' }] : []),
  ],
});
for (const table of ['Statistics', 'Jobs', 'Alerts']) await dynamodb.createTable(keyed('pk', 'sk'), table);
await dynamodb.createTable(keyed('id'), 'Idempotency');
let url = '';
const sqs = createSqs({ directory: `${directory}/sqs`, endpointUrl: () => url });
const endpoint = createEndpoint({ services: [s3, sqs, dynamodb], onFault: (fault) => console.error(fault) });
url = `http://127.0.0.1:${(await endpoint.listen(0)).port}`;
const queueUrl = sqs.createQueue({ name: 'objects' }).url;

/** What a task without anything is answered with. */
export interface CloudEndpoint {
  url: string;
  /** Of new objects: nothing is ever in it. */
  queueUrl: string;
}

export interface CloudTask {
  put?: { bucket: string; key: string; file?: string; text?: string };
  /** Into a file, since it may be large. */
  get?: { bucket: string; key: string; to: string };
  list?: { bucket: string; prefix: string };
}

answer<CloudTask, unknown>(async ({ put, get, list }) => {
  if (put) {
    const { versionId } = await s3.putObject({ ...put, body: put.text ?? readFileSync(put.file ?? '') });
    return { versionId: versionId ?? 'null' };
  }
  if (get) {
    const { body } = await s3.getObject(get);
    writeFileSync(get.to, Buffer.concat(await body.toArray()));
    return { file: get.to };
  }
  if (list) return s3.listKeys(list).map(({ key, size }) => ({ key, size }));
  return { url, queueUrl } satisfies CloudEndpoint;
});
