import { gzipSync } from 'node:zlib';
import { encodeReading } from '../../core/dataset/reading.ts';
import waterTemperature from '../../datasets/water-temperature.ts';
import { demoTarget, targetApi } from '../../demo/demo.ts';
import type { MergePlan } from '../../handlers/ingest/plan-merge/plan-merge.ts';
import type { MergeTask } from '../../handlers/ingest/state-inputs.ts';
import type { SegmentOutcome } from '../../handlers/ingest/validate-segment/validate-segment.ts';
import { type LocalCloud, startCloud } from '../../local/engine/cloud.ts';
import { segmentIdOf } from '../../ports/keys.ts';
import { root } from '../cloud/start.ts';
import { mapResultsOf } from '../map-results.ts';
import { meterOf, type Usage } from './meter.ts';

/** Readings spread evenly over sensors and days: each sensor has one after the other, within the day. */
export interface Spread {
  readonly readings: number;
  readonly sensors: number;
  readonly days: number;
  /** First day, counted from 1 January 1990. Default 0. */
  readonly firstDay?: number;
  /** Days from one to the next. Default 1. */
  readonly dayStep?: number;
  /** Moves all readings by ms, so that they are others than those before. Default 0. */
  readonly laterMs?: number;
}

/** One call of a function: its time, and what it asked of the stores. */
export interface Measured {
  readonly ms: number;
  readonly usage: Usage;
}

/** Functions as they are deployed, called one by one on a local cloud whose pipeline does not run by itself. */
export interface GrowthWorld {
  /** Uploads a raw object; `bytes` is its size, gzip. */
  upload(spread: Spread): Promise<{ key: string; versionId: string; bytes: number }>;
  validate(object: {
    key: string;
    versionId: string;
  }): Promise<Measured & { outcome: SegmentOutcome; jobId: string }>;
  merge(validated: { outcome: SegmentOutcome; jobId: string }): Promise<Measured>;
  /** `upload`, `validate` and `merge`. */
  ingest(spread: Spread): Promise<Measured>;
  query(path: string): Promise<Measured & { answer: Answered }>;
  close(): Promise<void>;
}

/** What a query of statistics, or of readings, is answered with. */
interface Answered {
  readonly statistics?: readonly { readonly count: number }[];
  readonly readings?: readonly object[];
}

const firstDayMs = Date.UTC(1990, 0, 1);
const dayMs = 86_400_000;
/** Of a day that readings are spread over: within the local day, summer or winter. */
const usedMs = 20 * 3_600_000;

export async function startGrowthWorld(options: {
  assembly: string;
  directory: string;
}): Promise<GrowthWorld> {
  const cloud = await startCloud({
    ...options,
    fresh: true,
    ports: { endpoint: 0, api: 0, token: 0, console: 0, mqtt: 0 },
    timeScale: 60,
  });
  await cloud.services.pipes.close();
  const target = demoTarget(root, cloud);
  const { s3, sqs } = cloud.services;
  const queue = refOf(cloud, 'AWS::SQS::Queue', 'IngestQueue');
  const meter = meterOf([s3, cloud.services.dynamodb]);
  const { get } = targetApi(target);
  let runs = 0;

  async function call<Answer>(construct: string, event: object): Promise<Measured & { answer: Answer }> {
    meter.reset();
    const name = refOf(cloud, 'AWS::Lambda::Function', `${construct}Function`);
    const start = performance.now();
    const result = await cloud.services.lambda.invoke(name, JSON.stringify(event));
    const ms = performance.now() - start;
    if (result.kind === 'failed') throw new Error(`${construct}: ${result.payload}`);
    return { ms, usage: meter.usage(), answer: JSON.parse(result.payload) as Answer };
  }

  const world: GrowthWorld = {
    async upload(spread) {
      runs += 1;
      const body = gzipSync(linesOf(spread), { level: 6 });
      const key = `raw/growth-${runs}.gz`;
      const { versionId = 'null' } = await s3.putObject({ bucket: target.rawBucket, key, body });
      // As the pipe takes it: while its event is in the queue, merges wait for its parts.
      const [event] = await sqs.receive(queue, { max: 1, waitSeconds: 20 });
      if (event === undefined) throw new Error(`no event tells of ${key}`);
      sqs.deleteMessage(queue, event.receiptHandle);
      return { key, versionId, bytes: body.length };
    },
    async validate({ key, versionId }) {
      runs += 1;
      const jobId = `growth-${runs}`;
      const segment = { bucket: target.rawBucket, key, versionId };
      const task = { ...segment, size: 1, jobId, segmentId: segmentIdOf(segment), run: jobId };
      const { answer: outcome, ...measured } = await call<SegmentOutcome>('ValidateSegment', task);
      return { ...measured, outcome, jobId };
    },
    async merge({ outcome, jobId }) {
      const bucket = target.curatedBucket;
      const { files, request } = mapResultsOf(jobId, outcome, bucket);
      for (const { key, text } of files) await s3.putObject({ bucket, key, body: text });
      const { answer: plan } = await call<MergePlan>('PlanMerge', request);
      const { body } = await s3.getObject({ bucket, key: plan.pending.units.key });
      const tasks: MergeTask[] = JSON.parse(Buffer.concat(await body.toArray()).toString());
      const all: Measured[] = [];
      for (const task of tasks) all.push(await call('MergePartition', task));
      return sum(all);
    },
    async ingest(spread) {
      return world.merge(await world.validate(await world.upload(spread)));
    },
    async query(path) {
      meter.reset();
      const start = performance.now();
      const answer = await get<Answered>(path);
      return { ms: performance.now() - start, usage: meter.usage(), answer };
    },
    close: () => cloud.close(),
  };
  return world;
}

function refOf(cloud: LocalCloud, ofType: string, construct: string): string {
  const found = cloud.resources.find(
    ({ type, logicalId }) => type === ofType && logicalId.includes(construct),
  );
  if (found === undefined) throw new Error(`the template has no ${ofType} ${construct}`);
  return found.ref;
}

function linesOf({ readings, sensors, days, firstDay = 0, dayStep = 1, laterMs = 0 }: Spread): Buffer {
  const each = Math.ceil(readings / (sensors * days));
  const lines: string[] = [];
  for (let index = 0; index < readings; index++) {
    const sensor = index % sensors;
    const inSensor = Math.floor(index / sensors);
    const [day, inDay] = [Math.floor(inSensor / each), inSensor % each];
    const timestampMs =
      firstDayMs +
      (firstDay + day * dayStep) * dayMs +
      Math.floor((inDay * usedMs) / each) +
      (sensor % 1_000) +
      laterMs;
    lines.push(
      encodeReading(waterTemperature, {
        sensorId: `sensor-${String(sensor).padStart(5, '0')}`,
        timestampMs,
        revision: 0,
        values: [Math.round(1_000 * (15 + 5 * Math.sin(index))) / 1_000, 0.2],
        attributes: [],
      }),
    );
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** Several calls as one. */
function sum(all: readonly Measured[]): Measured {
  const usage: Usage = { requests: 0, bytesRead: 0, bytesWritten: 0, byAction: {} };
  for (const one of all) {
    usage.requests += one.usage.requests;
    usage.bytesRead += one.usage.bytesRead;
    usage.bytesWritten += one.usage.bytesWritten;
    for (const [action, count] of Object.entries(one.usage.byAction)) {
      usage.byAction[action] = (usage.byAction[action] ?? 0) + count;
    }
  }
  return { ms: all.reduce((total, { ms }) => total + ms, 0), usage };
}
