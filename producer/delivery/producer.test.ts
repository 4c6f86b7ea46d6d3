import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FirehoseEndpoint, startFirehoseEndpoint } from '../../test/support/firehose-endpoint.ts';
import { DeliveryFailed } from './deliver-backlog.ts';
import { createProducer, type Producer, type ProducerOptions } from './producer.ts';
import { RegionMissing } from './sender.ts';

let endpoint: FirehoseEndpoint;
let directory: string;
const started: Producer[] = [];

beforeEach(async () => {
  endpoint = await startFirehoseEndpoint();
  directory = await mkdtemp(join(tmpdir(), 'caudal-producer-'));
});
afterEach(async () => {
  for (const producer of started.splice(0)) await producer.close({ signal: AbortSignal.abort() });
  await endpoint.close();
  await rm(directory, { recursive: true, force: true });
});

async function start(options: Partial<ProducerOptions> = {}): Promise<Producer> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const producer = await createProducer({
    stream: 'caudal-readings',
    client: { region: 'us-east-1', endpoint: endpoint.url, credentials },
    backoff: { baseMs: 5, capMs: 50 },
    ...options,
  });
  started.push(producer);
  return producer;
}

const seen = () => [...endpoint.lines.keys()].sort();

describe('a producer', () => {
  it('packs lines into records and tells what it sent', async () => {
    const producer = await start();
    for (let index = 0; index < 1_000; index += 1) await producer.send(`{"line":${index}}`);
    const tally = await producer.close();
    expect(tally).toMatchObject({
      lines: 1_000,
      acknowledged: 1_000,
      unacknowledged: 0,
      records: 1,
      requests: 1,
      retries: 0,
    });
    expect(tally.bytes).toBe(endpoint.counts.takenBytes);
    expect(tally.billedBytes).toBe(Math.ceil(tally.bytes / 5_120) * 5_120);
    expect(endpoint.lines.size).toBe(1_000);
  });

  it('keeps no reading longer than the linger time', async () => {
    const producer = await start({ lingerMs: 100 });
    // 60 lines of 101 bytes are over 5 KiB: the rest that is kept back for a fuller record must follow in time.
    for (let index = 0; index < 60; index += 1)
      await producer.send(`${String(index).padStart(3, '0')}${'x'.repeat(97)}`);
    // The endpoint has the lines before its answer is back.
    await expect.poll(() => producer.tally().acknowledged).toBe(60);
    expect(endpoint.lines.size).toBe(60);
    expect(producer.tally().unacknowledged).toBe(0);
  });

  it('sends each reading as a record without linger', async () => {
    const producer = await start({ lingerMs: 0 });
    for (let index = 0; index < 20; index += 1) await producer.send(`{"line":${index}}`);
    expect(await producer.close()).toMatchObject({ records: 20, billedBytes: 20 * 5_120 });
  });

  it('names a line that no record holds, and sends the others in order', async () => {
    const producer = await start();
    expect(producer.send('before')).toBeUndefined();
    expect(producer.send('é'.repeat(512_000))).toBe('too-large');
    expect(producer.send('x'.repeat(1_023_999))).toBeUndefined();
    await expect(producer.sendSafely('x'.repeat(1_024_000))).rejects.toThrow(RangeError);
    expect(await producer.close()).toMatchObject({ lines: 2, tooLarge: 2, acknowledged: 2 });
    expect(seen().map((line) => line.length)).toEqual([6, 1_023_999]);
  });

  it.each(['memory', 'spool'])('tells when a reading is safe, with a %s backlog', async (kind) => {
    const producer = await start({ lingerMs: 20, ...(kind === 'spool' ? { spool: { directory } } : {}) });
    endpoint.faults = { failEntries: 0.3, throttle: 0.2 };
    const sent = Array.from({ length: 300 }, (_, index) => producer.sendSafely(`{"line":${index}}`));
    await Promise.all(sent);
    if (kind === 'memory') expect(endpoint.lines.size).toBe(300);
    await producer.close();
    expect(endpoint.lines.size).toBe(300);
  });

  it('does not say that a reading is safe when only memory has it', async () => {
    await endpoint.pause();
    const producer = await start({ lingerMs: 10 });
    let settled = false;
    const sent = producer.sendSafely('{"line":1}').then(
      () => {
        settled = true;
      },
      (error: Error) => error,
    );
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(settled).toBe(false);
    await producer.close({ signal: AbortSignal.abort() });
    expect(await sent).toBeInstanceOf(DeliveryFailed);
    await endpoint.resume();
  });

  it('makes the source wait when the endpoint is slow', async () => {
    await endpoint.pause();
    const producer = await start();
    let waited = false;
    for (let index = 0; index < 200 && !waited; index += 1) {
      const room = producer.send('x'.repeat(99_999));
      if (typeof room !== 'object') continue;
      waited = await Promise.race([
        room.then(() => false),
        new Promise<true>((resolve) => setTimeout(resolve, 100, true)),
      ]);
    }
    expect(waited).toBe(true);
    expect(producer.tally().unacknowledged).toBeLessThan(150);
    await endpoint.resume();
    expect(await producer.close()).toMatchObject({ unacknowledged: 0 });
  });

  it('gives up after the deadline, and says what is not acknowledged', async () => {
    await endpoint.pause();
    const troubles: string[] = [];
    const producer = await start({ deadlineMs: 300, onTrouble: (reason) => troubles.push(reason) });
    await producer.send('{"line":1}');
    expect(await producer.close()).toMatchObject({ lines: 1, acknowledged: 0, unacknowledged: 1 });
    expect(producer.failed.reason).toBeInstanceOf(DeliveryFailed);
    expect(String(producer.failed.reason)).toContain('ECONNREFUSED');
    expect(troubles.length).toBeGreaterThan(1);
    expect(() => producer.send('{"line":2}')).toThrow(DeliveryFailed);
    await endpoint.resume();
  });

  it('does not retry what Firehose refuses', async () => {
    const producer = await start({ stream: 'another' });
    await producer.send('{"line":1}');
    const tally = await producer.close();
    expect(tally).toMatchObject({ requests: 1, unacknowledged: 1 });
    expect(String(producer.failed.reason)).toContain('ResourceNotFoundException');
  });

  it('says at once that no region is set', async () => {
    const region = process.env.AWS_REGION;
    delete process.env.AWS_REGION;
    const client = { endpoint: endpoint.url, credentials: { accessKeyId: 'x', secretAccessKey: 'y' } };
    await expect(createProducer({ stream: 's', client })).rejects.toThrow(RegionMissing);
    if (region !== undefined) process.env.AWS_REGION = region;
  });
});

describe('a producer with a spool', () => {
  it('keeps what it cannot send, beyond the deadline, and sends it when the endpoint is back', async () => {
    await endpoint.pause();
    const producer = await start({ lingerMs: 20, deadlineMs: 100, spool: { directory } });
    for (let index = 0; index < 50; index += 1) await producer.sendSafely(`{"line":${index}}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(producer.failed.aborted).toBe(false);
    await endpoint.resume();
    await expect.poll(() => endpoint.lines.size).toBe(50);
    await producer.close();
    expect(await readdir(directory)).toEqual([]);
  });

  it('leaves for the next run what the deadline of closing leaves', async () => {
    await endpoint.pause();
    const offline = await start({ deadlineMs: 100, spool: { directory } });
    for (let index = 0; index < 50; index += 1) await offline.send(`{"line":${index}}`);
    expect(await offline.close()).toMatchObject({ unacknowledged: 50 });
    await endpoint.resume();
    const online = await start({ spool: { directory } });
    expect(online.tally()).toMatchObject({ lines: 0, unacknowledged: 50 });
    expect(await online.close()).toMatchObject({ acknowledged: 50, unacknowledged: 0 });
    expect(endpoint.lines.size).toBe(50);
    expect(await readdir(directory)).toEqual([]);
  });
});
