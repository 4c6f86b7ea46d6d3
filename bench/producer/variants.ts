import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { billedBytes } from '../../core/lines/packing.ts';
import { createProducer, type ProducerOptions } from '../../producer/delivery/producer.ts';

/** What one way of sending came to. */
export interface Sent {
  readonly ms: number;
  readonly records: number;
  readonly requests: number;
  readonly bytes: number;
  readonly billedBytes: number;
}

export type Variant = (lines: readonly string[], url: string) => Promise<Sent>;

const client = (url: string) => ({
  endpoint: url,
  region: 'us-east-1',
  credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
});

/** The ways of sending that are compared, each to the same endpoint. */
export const variants: Readonly<Record<string, Variant>> = {
  'packed (default)': (lines, url) => produce(lines, { client: client(url) }),
  'packed, with a spool': async (lines, url) => {
    const directory = await mkdtemp(join(tmpdir(), 'caudal-bench-'));
    const sent = await produce(lines, { client: client(url), spool: { directory } });
    await rm(directory, { recursive: true, force: true });
    return sent;
  },
  'one reading a record, the same producer': (lines, url) =>
    produce(lines, { client: client(url), lingerMs: 0 }),
  'one reading a record, the SDK as usually called': plain,
};

async function produce(lines: readonly string[], options: Omit<ProducerOptions, 'stream'>): Promise<Sent> {
  const startedAt = performance.now();
  const producer = await createProducer({ stream: 'caudal-readings', ...options });
  for (const line of lines) {
    const room = producer.send(line);
    if (room !== undefined) await room;
  }
  const tally = await producer.close();
  if (tally.unacknowledged > 0) throw new Error(`${tally.unacknowledged} lines were not acknowledged`);
  return { ...tally, ms: performance.now() - startedAt };
}

/** Batches of 500 records, four requests at once, each awaited: what a program without a producer does. */
async function plain(lines: readonly string[], url: string): Promise<Sent> {
  const startedAt = performance.now();
  const firehose = new FirehoseClient(client(url));
  const encoder = new TextEncoder();
  let [at, requests, bytes, billed] = [0, 0, 0, 0];
  const worker = async () => {
    while (at < lines.length) {
      const Records = lines.slice(at, at + 500).map((line) => ({ Data: encoder.encode(`${line}\n`) }));
      at += 500;
      requests += 1;
      for (const { Data } of Records) {
        bytes += Data.length;
        billed += billedBytes(Data.length);
      }
      await firehose.send(new PutRecordBatchCommand({ DeliveryStreamName: 'caudal-readings', Records }));
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  firehose.destroy();
  return { ms: performance.now() - startedAt, records: lines.length, requests, bytes, billedBytes: billed };
}
