import { readFile } from 'node:fs/promises';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { UsageError } from '../../cli/usage-error.ts';
import { maxDeviceMessageBytes } from '../../core/device-names.ts';
import type { PackedRecord } from '../../core/lines/packing.ts';
import type { Sender } from './sender.ts';

/** A device of IoT Core, and where it publishes. */
export interface DeviceOptions {
  /** `mqtts://host[:port]/caudal/<dataset>/<thing>`: the thing's name is the client id, as its policy demands. */
  readonly url: string;
  /** Files in PEM: the device's certificate and its key, and the authority of the server where that is none that everybody trusts. */
  readonly certificate: string;
  readonly key: string;
  readonly authority: string | undefined;
  /** Without an acknowledgement by then the messages are published again. */
  readonly requestTimeoutMs: number;
}

/** A topic that a device may publish to, behind the address of the broker. */
const address = /^(mqtts:\/\/[^/]+)\/([^/+#]+\/[^/+#]+\/([^/+#]+))$/;

/** The broker, the topic and the thing of an address. @throws {UsageError} */
function readDeviceUrl(url: string): { broker: string; topic: string; thing: string } {
  const match = address.exec(url);
  if (!match) throw new UsageError(`--mqtt-publish takes mqtts://host/caudal/DATASET/THING, not "${url}".`);
  return { broker: match[1] ?? '', topic: match[2] ?? '', thing: match[3] ?? '' };
}

/**
 * A sender that is a device: each record is a message, a list of readings, published with QoS 1. MQTT 3.1.1, which IoT Core and the local cloud both
 * speak. It connects when there is something to send, and again whenever the connection is lost.
 * @throws {UsageError} for an address or a file that can't be used
 */
export async function createMqttSender(options: DeviceOptions): Promise<Sender> {
  const { broker, topic, thing } = readDeviceUrl(options.url);
  const file = async (option: string, path: string): Promise<Buffer> => {
    try {
      return await readFile(path);
    } catch (error) {
      throw new UsageError(`${option} ${path} can't be read: ${(error as Error).message}`);
    }
  };
  const settings: IClientOptions = {
    protocolVersion: 4,
    clientId: thing,
    clean: true,
    reconnectPeriod: 1_000,
    cert: await file('--mqtt-cert', options.certificate),
    key: await file('--mqtt-key', options.key),
    ...(options.authority === undefined ? {} : { ca: await file('--mqtt-ca', options.authority) }),
  };
  let client: MqttClient | undefined;
  let trouble = 'no connection';
  const connected = (): MqttClient => {
    if (client === undefined) {
      client = connect(broker, settings);
      client.on('error', (error) => {
        trouble = error.message || String((error as { code?: unknown }).code);
      });
    }
    return client;
  };
  return {
    async send(records, signal) {
      const messages = records.map(messageOf);
      const tooLarge = messages.find(({ length }) => length > maxDeviceMessageBytes);
      if (tooLarge !== undefined)
        return {
          kind: 'refused',
          reason: `a message of ${tooLarge.length} bytes; IoT Core takes ${maxDeviceMessageBytes}: give a lower --record-kib`,
        };
      const limit = AbortSignal.any([signal, AbortSignal.timeout(options.requestTimeoutMs)]);
      try {
        const own = connected();
        if (!own.connected) await within(limit, new Promise((resolve) => own.once('connect', resolve)));
        await within(
          limit,
          Promise.all(messages.map((message) => own.publishAsync(topic, message, { qos: 1 }))),
        );
        return { kind: 'answered', failed: [], code: '' };
      } catch {
        signal.throwIfAborted();
        return {
          kind: 'unanswered',
          throttled: false,
          reason: `MQTT: ${trouble}, to ${new URL(broker).host} as ${thing}`,
        };
      }
    },
    close: () => void client?.end(true),
  };
}

/** The lines of a record as a list. */
function messageOf({ data }: PackedRecord): Buffer {
  const lines = Buffer.from(data.buffer, data.byteOffset, data.length).toString('utf8').trimEnd().split('\n');
  return Buffer.from(`[${lines.join(',')}]`);
}

/** A promise, or the end of the signal. */
async function within<Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {}); // what comes after the signal is nobody's
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  return Promise.race([promise, ended]).finally(() => signal.removeEventListener('abort', onAbort));
}
