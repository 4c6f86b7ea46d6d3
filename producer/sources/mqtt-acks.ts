import type { MqttClient } from 'mqtt';
import { Signal } from '../delivery/backlog.ts';

interface Held {
  readonly messageId: number | undefined;
  /** Readings of the message that are not safe yet. */
  waiting: number;
  send: (() => void) | undefined;
}

/** The method through which mqtt sends each packet; the package has no public hook for acknowledging later. */
interface PacketSender {
  _sendPacket(
    packet: { cmd: string; messageId?: number },
    done?: (error?: Error) => void,
    ...rest: unknown[]
  ): unknown;
}

/**
 * Holds an MQTT client's PUBACKs until the message is safe. mqtt acknowledges when its `handleMessage` calls back, but
 * takes no further message until then, which would make each wait for a whole round trip; so the packet itself is held.
 * PUBACKs leave in the order in which messages came, as MQTT wants. Those of a lost connection are dropped: the broker
 * sends these messages again.
 */
export class AckGate {
  #held: Held[] = [];
  readonly #emptied = new Signal();

  constructor(client: MqttClient) {
    const sender = client as unknown as PacketSender; // private there: pinned by version, and held by the MQTT test
    const original = sender._sendPacket.bind(client);
    sender._sendPacket = (packet, done, ...rest) => {
      const held =
        packet.cmd === 'puback' && this.#held.find(({ messageId }) => messageId === packet.messageId);
      if (!held) return original(packet, done, ...rest);
      held.send = () => original(packet, undefined, ...rest);
      this.#release();
      // mqtt goes on to the next message.
      done?.();
      return undefined;
    };
    client.on('close', () => {
      this.#held = [];
      this.#emptied.raise();
    });
  }

  /**
   * Holds a message's PUBACK back.
   * @param readings how many times the result is to be called
   * @returns the function to call when one of its readings is safe; called with an error, the message stays unacknowledged
   */
  hold(messageId: number | undefined, readings: number): (error?: Error) => void {
    const held: Held = { messageId, waiting: readings, send: undefined };
    this.#held.push(held);
    return (error) => {
      if (error === undefined) held.waiting -= 1;
      this.#release();
    };
  }

  /** Resolves when every message that can still be acknowledged is, or the connection is gone. */
  async settled(): Promise<void> {
    while (this.#held.length > 0) await this.#emptied.wait();
  }

  #release(): void {
    for (let first = this.#held[0]; first?.waiting === 0 && first.send; first = this.#held[0]) {
      this.#held.shift();
      first.send();
    }
    if (this.#held.length === 0) this.#emptied.raise();
  }
}
