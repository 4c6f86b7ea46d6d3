import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ApiClient } from '../../cli/api-client.ts';
import { demoTarget, targetApi } from '../../demo/demo.ts';
import { settle } from '../../demo/settle.ts';
import type { CloudOptions, LocalCloud } from '../../local/engine/cloud.ts';
import type { ReconcilePorts } from '../../operator/reconcile/reconcile-ports.ts';
import { createReconcilePorts } from '../../operator/reconcile/reconcile-ports.ts';
import { root, startTestCloud } from './test-cloud.ts';

export { root } from './test-cloud.ts';

/** A local cloud of the synthesized app, in this process, on free ports, with SDK clients that reach it. */
export interface CloudWorld {
  readonly cloud: LocalCloud;
  readonly target: ReturnType<typeof demoTarget>;
  readonly s3: S3Client;
  readonly documents: DynamoDBDocumentClient;
  readonly stepFunctions: SFNClient;
  readonly ports: ReconcilePorts;
  /** The API with a token of the read scope. */
  readonly get: ApiClient['get'];
  /** Puts an object into the raw bucket. */
  upload(key: string, body: string | Uint8Array, metadata?: Record<string, string>): Promise<void>;
  /** Waits until every raw object has a ledger, these hold at least so many lines, and no execution runs. */
  settled(lines: number): Promise<void>;
  close(): Promise<void>;
}

/** @param options.directory kept when given, otherwise a temporary one that is removed at the end */
export async function startCloudWorld(options: Partial<CloudOptions> = {}): Promise<CloudWorld> {
  const { cloud, close } = await startTestCloud(options);
  const target = demoTarget(root, cloud);
  const settings = {
    endpoint: cloud.endpointUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const s3 = new S3Client(settings);
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(settings));
  const stepFunctions = new SFNClient(settings);
  const ports = createReconcilePorts({ ...target, s3, documents });
  return {
    cloud,
    target,
    s3,
    documents,
    stepFunctions,
    ports,
    get: targetApi(target).get,
    async upload(key, body, metadata) {
      await s3.send(
        new PutObjectCommand({ Bucket: target.rawBucket, Key: key, Body: body, Metadata: metadata }),
      );
    },
    settled: (lines) => settle({ stepFunctions, machineArn: target.machineArn, ports, lines }),
    close,
  };
}
