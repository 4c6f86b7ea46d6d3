import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Packet, Parser } from 'mqtt-packet';

/** mqtt's own packet codec: this broker speaks the same MQTT 5 to the byte, but nothing is shared above it. */
const codec = createRequire(createRequire(import.meta.url).resolve('mqtt'))('mqtt-packet') as {
  parser(options: { protocolVersion: 5 }): Parser;
  generate(packet: Packet, options: { protocolVersion: 5 }): Buffer;
};
const version = { protocolVersion: 5 } as const;

export interface Mqtt5Broker {
  readonly port: number;
  /** Message ids that the subscriber acknowledged, in order. */
  readonly acknowledged: readonly number[];
  /** Resolves at the next subscription. */
  subscribed(): Promise<void>;
  publish(topic: string, payload: string): void;
  close(): void;
}

/**
 * The part of an MQTT 5 broker that one subscriber with a kept session sees, because aedes speaks 3.1.1 only: messages
 * go out by QoS 1, no more at once than the subscriber's receive maximum, and again, in order, after a reconnection.
 */
export async function startMqtt5Broker(): Promise<Mqtt5Broker> {
  const pending: { id: number; topic: string; payload: string }[] = [];
  const acknowledged: number[] = [];
  let [lastId, sent, receiveMaximum] = [0, 0, 0];
  let socket: Socket | undefined;
  let wake = Promise.withResolvers<void>();
  const pump = () => {
    while (socket !== undefined && sent < Math.min(pending.length, receiveMaximum)) {
      const { id, topic, payload } = pending[sent] as (typeof pending)[number]; // sent is below the length
      sent += 1;
      socket.write(
        codec.generate(
          { cmd: 'publish', qos: 1, dup: false, retain: false, messageId: id, topic, payload },
          version,
        ),
      );
    }
  };
  const server = createServer((connection) => {
    const parser = codec.parser(version);
    connection.on('error', () => {}).on('data', (data) => parser.parse(data));
    connection.on('close', () => {
      if (socket === connection) [socket, sent] = [undefined, 0];
    });
    parser.on('packet', (packet: Packet) => {
      const reply = (answer: Packet) => connection.write(codec.generate(answer, version));
      if (packet.cmd === 'connect') {
        if (packet.protocolVersion !== 5 || packet.clean)
          throw new Error('MQTT 5 with a kept session was expected');
        receiveMaximum = packet.properties?.receiveMaximum ?? 65_535;
        reply({ cmd: 'connack', reasonCode: 0, sessionPresent: pending.length > 0 });
      } else if (packet.cmd === 'subscribe') {
        reply({ cmd: 'suback', messageId: packet.messageId ?? 0, granted: [1] });
        [socket, sent] = [connection, 0];
        wake.resolve();
        wake = Promise.withResolvers<void>();
        pump();
      } else if (packet.cmd === 'puback') {
        acknowledged.push(packet.messageId ?? 0);
        // In order: MQTT wants PUBACKs in the order of the messages.
        if (pending.shift()?.id !== packet.messageId) throw new Error('a PUBACK out of order');
        sent -= 1;
        pump();
      } else if (packet.cmd === 'pingreq') reply({ cmd: 'pingresp' });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    acknowledged,
    subscribed: () => wake.promise,
    publish(topic, payload) {
      lastId += 1;
      pending.push({ id: lastId, topic, payload });
      pump();
    },
    close() {
      socket?.destroy();
      server.close();
    },
  };
}
