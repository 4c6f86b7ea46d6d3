import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Aedes } from 'aedes';
import { connectAsync } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../cli/usage-error.ts';
import { type FirehoseEndpoint, startFirehoseEndpoint } from '../../test/support/firehose-endpoint.ts';
import { startMqtt5Broker } from '../../test/support/mqtt5-broker.ts';
import { type ProducerProcess, startProducerProcess } from '../../test/support/producer-process.ts';
import { readMqttUrl } from './mqtt-source.ts';

let endpoint: FirehoseEndpoint;
let broker: Broker;
let directory: string;
const children: ProducerProcess[] = [];

/** What the tests ask of a broker. */
interface Broker {
  readonly port: number;
  /** How many messages the producer has acknowledged. */
  acknowledged(): number;
  subscribed(): Promise<unknown>;
  publish(topic: string, payload: string, qos?: 0 | 1): Promise<unknown>;
  close(): Promise<unknown>;
}

/** MQTT 3.1.1. */
async function startAedes(): Promise<Broker> {
  const aedes = await Aedes.createBroker();
  const server = createServer(aedes.handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const publisher = await connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: 'publisher' });
  let acknowledged = 0;
  aedes.on('ack', (_, client) => {
    if (client.id !== 'publisher') acknowledged += 1;
  });
  return {
    port,
    acknowledged: () => acknowledged,
    subscribed: () => once(aedes, 'subscribe'),
    publish: (topic, payload, qos = 1) => publisher.publishAsync(topic, payload, { qos }),
    async close() {
      await publisher.endAsync(true);
      await new Promise<void>((resolve) => aedes.close(resolve));
      server.close();
    },
  };
}

async function startVersion5(): Promise<Broker> {
  const started = await startMqtt5Broker();
  return {
    ...started,
    acknowledged: () => started.acknowledged.length,
    publish: async (topic, payload) => started.publish(topic, payload),
    close: async () => started.close(),
  };
}

const brokers = { '3.1.1': startAedes, '5': startVersion5 };

beforeEach(async () => {
  endpoint = await startFirehoseEndpoint();
  directory = await mkdtemp(join(tmpdir(), 'caudal-mqtt-'));
});
afterEach(async () => {
  for (const { child } of children.splice(0)) child.kill('SIGKILL');
  await broker.close();
  await endpoint.close();
  await rm(directory, { recursive: true, force: true });
});

async function startProducer(version: string, args: readonly string[] = []): Promise<ProducerProcess> {
  const subscribed = broker.subscribed();
  const url = `mqtt://127.0.0.1:${broker.port}/gadgets/+`;
  const common = [
    '--mqtt',
    url,
    '--dataset',
    'gadget-telemetry',
    '--linger-ms',
    '100',
    '--json',
    '--mqtt-version',
    version,
  ];
  const started = startProducerProcess([...common, ...args], endpoint);
  children.push(started);
  await subscribed;
  return started;
}

const message = (index: number) =>
  JSON.stringify({
    timestamp: new Date(Date.UTC(2024, 0, 1) + index * 1_000).toISOString(),
    battery: 50,
    signal: -70,
  });
const publish = (index: number) => broker.publish(`gadgets/g${index % 7}`, message(index));

describe.each(['3.1.1', '5'] as const)('readings by MQTT %s', (version) => {
  beforeEach(async () => {
    broker = await brokers[version]();
  });

  it('arrive packed, the series named by the topic, each message acknowledged', async () => {
    const { child, exit } = await startProducer(version);
    for (let index = 0; index < 300; index += 1) await publish(index);
    await expect.poll(() => endpoint.lines.size).toBe(300);
    await expect.poll(() => broker.acknowledged()).toBe(300);
    child.kill('SIGINT');
    const { code, stdout } = await exit;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, acknowledged: 300 });
    const sensors = new Set([...endpoint.lines.keys()].map((line) => JSON.parse(line).sensorId));
    expect([...sensors].sort()).toEqual(['g0', 'g1', 'g2', 'g3', 'g4', 'g5', 'g6']);
    // Messages did not wait for the acknowledgement of the one before.
    expect(endpoint.counts.takenRecords).toBeLessThan(60);
  });

  it('are not acknowledged to the broker before Firehose has them', async () => {
    endpoint.faults = { throttle: 1 };
    await startProducer(version);
    for (let index = 0; index < 20; index += 1) await publish(index);
    await expect.poll(() => endpoint.counts.throttled).toBeGreaterThan(0);
    expect(broker.acknowledged()).toBe(0);
    endpoint.faults = {};
    await expect.poll(() => broker.acknowledged()).toBe(20);
    expect(endpoint.lines.size).toBe(20);
  });

  it('are acknowledged once they are spooled, and survive kill -9', async () => {
    const spool = ['--spool', join(directory, 'spool')];
    endpoint.faults = { throttle: 1 };
    const first = await startProducer(version, spool);
    for (let index = 0; index < 50; index += 1) await publish(index);
    await expect.poll(() => broker.acknowledged()).toBe(50);
    first.child.kill('SIGKILL');
    await first.exit;
    expect(endpoint.lines.size).toBe(0);
    endpoint.faults = {};
    await startProducer(version, spool);
    await expect.poll(() => endpoint.lines.size).toBe(50);
  });

  it('come again from the broker when the producer was killed before they were safe', async () => {
    endpoint.faults = { throttle: 1 };
    const first = await startProducer(version);
    for (let index = 0; index < 30; index += 1) await publish(index);
    await expect.poll(() => endpoint.counts.throttled).toBeGreaterThan(0);
    first.child.kill('SIGKILL');
    await first.exit;
    endpoint.faults = {};
    await startProducer(version);
    await expect.poll(() => endpoint.lines.size).toBe(30);
  });

  it('that are invalid are named by topic and acknowledged; several lines in one message are several readings', async () => {
    const rejects = join(directory, 'rejects.ndjson');
    const { child, exit } = await startProducer(version, ['--rejects', rejects]);
    await broker.publish('gadgets/bad', '{"battery": "full"}');
    await broker.publish('gadgets/two', `${message(1)}\n${message(2)}\n`);
    await expect.poll(() => endpoint.lines.size).toBe(2);
    await expect.poll(() => broker.acknowledged()).toBe(2);
    child.kill('SIGINT');
    expect((await exit).code).toBe(0);
    expect(JSON.parse(await readFile(rejects, 'utf8'))).toMatchObject({
      where: 'gadgets/bad',
      text: '{"battery": "full"}',
    });
  });
});

describe('readings by QoS 0', () => {
  it('arrive, with nothing to acknowledge', async () => {
    broker = await startAedes();
    await startProducer('3.1.1');
    await broker.publish('gadgets/zero', message(3), 0);
    await expect.poll(() => endpoint.lines.size).toBe(1);
    expect(broker.acknowledged()).toBe(0);
  });
});

describe('the address of a broker', () => {
  beforeEach(async () => {
    broker = await startVersion5();
  });

  it('is split into broker and topic filter, wildcards and credentials included', () => {
    expect(readMqttUrl('mqtt://host/sensors/+/x/#')).toEqual({
      broker: 'mqtt://host',
      filter: 'sensors/+/x/#',
    });
    expect(readMqttUrl('mqtts://user:secret@host:8883/#')).toEqual({
      broker: 'mqtts://user:secret@host:8883',
      filter: '#',
    });
    for (const url of ['host/topic', 'http://host/topic', 'mqtt://host', 'mqtt://host/']) {
      expect(() => readMqttUrl(url)).toThrow(UsageError);
    }
  });
});
