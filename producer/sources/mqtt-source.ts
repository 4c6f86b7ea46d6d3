import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { connect, type IClientOptions } from 'mqtt';
import { UsageError } from '../../cli/usage-error.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { Signal } from '../delivery/backlog.ts';
import { mqttUrlPattern } from '../options.ts';
import { AckGate } from './mqtt-acks.ts';
import { defaultSeries, type MqttSeries, readMqttLine } from './mqtt-series.ts';
import type { Source, SourceItem } from './source.ts';

export interface MqttOptions {
  /** `mqtt://[user:password@]host[:port]/topic/+/filter/#`; also `mqtts`, `ws`, `wss`. */
  readonly url: string;
  /** 5, or 4 for MQTT 3.1.1. */
  readonly version: 4 | 5;
  /** The broker keeps the session of this name while the producer is away; by default of this host and topic. */
  readonly clientId: string | undefined;
  readonly datasets: readonly Dataset[];
  /** The dataset of messages; without it each names its own. */
  readonly dataset: Dataset | undefined;
  /** What names the series of messages that name none; by default the topic, where its filter lets it. */
  readonly series: MqttSeries | undefined;
  readonly onTrouble: (reason: string) => void;
  readonly signal: AbortSignal;
}

/** How long the broker is asked to keep messages for a producer that is away, in seconds: a week. */
const sessionSeconds = 7 * 86_400;
/** Messages that may be unacknowledged at once, as asked of an MQTT 5 broker. */
const receiveMaximum = 10_000;

/** The broker's address and the topic filter behind it. @throws {UsageError} */
export function readMqttUrl(url: string): { broker: string; filter: string } {
  const match = mqttUrlPattern.exec(url);
  if (!match) throw new UsageError(`--mqtt takes mqtt://host/topic/filter, not "${url}".`);
  return { broker: match[1] ?? '', filter: decodeURIComponent(match[2] ?? '') };
}

/**
 * Messages of a topic filter, by QoS 1 where the publisher offers it: a message is acknowledged to the broker when all
 * of its readings are safe, in the order of arrival, and one that was not comes again after a reconnection or restart.
 * A payload is one reading, or several lines of NDJSON. It ends when `signal` is aborted.
 */
export async function* mqttSource(options: MqttOptions): Source {
  const { broker, filter } = readMqttUrl(options.url);
  const series = options.series ?? defaultSeries(filter);
  let items: SourceItem[] = [];
  const arrived = new Signal();
  const client = connect(broker, clientOptions(options, filter));
  const gate = new AckGate(client);
  client.on('connect', () => {
    client.subscribe(filter, { qos: 1 }, (error, granted) => {
      const refused = granted?.find(({ qos }) => qos >= 128);
      if (error || refused)
        options.onTrouble(`the broker refuses ${filter}: ${error?.message ?? 'not authorized'}`);
    });
  });
  client.on('error', (error) =>
    options.onTrouble(`MQTT: ${error.message || (error as { code?: string }).code}`),
  );
  client.on('close', () => {
    if (!options.signal.aborted) options.onTrouble(`MQTT: no connection to ${new URL(broker).host}`);
  });
  client.on('message', (topic, payload, packet) => {
    const found = readMessage(topic, payload.toString(), series, options);
    const settled = packet.qos === 0 ? () => {} : gate.hold(packet.messageId, found.length);
    items.push(...found.map((item) => (item.kind === 'reading' ? { ...item, settled } : item)));
    for (const item of found) if (item.kind === 'rejected') settled();
    arrived.raise();
  });
  const wake = () => arrived.raise();
  options.signal.addEventListener('abort', wake, { once: true });
  try {
    while (!options.signal.aborted) {
      if (items.length === 0) await arrived.wait();
      const taken = items;
      items = [];
      if (taken.length > 0) yield taken;
    }
    if (items.length > 0) yield items;
  } finally {
    options.signal.removeEventListener('abort', wake);
    // Not before the readings that were taken are safe: their acknowledgements still go out on this connection.
    void gate.settled().then(() => client.endAsync());
  }
}

function clientOptions({ clientId, version, url }: MqttOptions, filter: string): IClientOptions {
  const name = createHash('sha256').update(`${hostname()}\n${url}\n${filter}`).digest('hex').slice(0, 16);
  const session = { sessionExpiryInterval: sessionSeconds, receiveMaximum };
  return {
    protocolVersion: version,
    clientId: clientId ?? `caudal-${name}`,
    clean: false,
    reconnectPeriod: 1_000,
    ...(version === 5 ? { properties: session } : {}),
  };
}

function readMessage(
  topic: string,
  payload: string,
  series: MqttSeries,
  { dataset, datasets }: MqttOptions,
): SourceItem[] {
  return payload
    .split('\n')
    .filter((text) => text.trim() !== '')
    .map((text) => {
      const line = readMqttLine(text, { topic, series, dataset, datasets, arrivedMs: Date.now() });
      return line.kind === 'reading' ? line : { ...line, where: topic, text: text.slice(0, 4_096) };
    });
}
