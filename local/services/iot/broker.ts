import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { Aedes, type Client } from 'aedes';
import { AwsError, arn } from '../../engine/calls.ts';
import { type Authority, certificateId } from './certificates.ts';
import type { Connection, DevicePolicy } from './device-policy.ts';
import { type ProvisioningCheck, type ProvisioningTemplate, provisionDevice } from './provisioning.ts';
import type { Registry } from './registry.ts';

/** Bytes of a message, and of a topic; slashes of a topic: AWS's limits. */
const maxMessageBytes = 131_072;
const maxTopicBytes = 256;
const maxSlashes = 7;

export interface BrokerOptions {
  readonly registry: Registry;
  readonly authority: Authority;
  policy(name: string): DevicePolicy | undefined;
  template(name: string): ProvisioningTemplate | undefined;
  readonly mayProvision: ProvisioningCheck;
  /** Called before a message is acknowledged; what it throws keeps it from being so. */
  onMessage(topic: string, payload: Buffer): void;
  log(text: string): void;
}

/** MQTT 3.1.1 over TLS, for devices that show a certificate of the registry. */
export interface Broker {
  readonly port: number;
  /** Ends the connections of a certificate that may not connect any more. */
  disconnect(id: string): void;
  close(): Promise<void>;
}

/**
 * Starts to listen on loopback. Rejects when the port is taken. A device may do what the policies of its certificate say, by its client id and the
 * thing of that name; what it may not ends its connection, as on AWS.
 */
export async function startBroker(options: BrokerOptions, port: number): Promise<Broker> {
  const { registry, authority, log } = options;
  const certificates = new WeakMap<object, string>();
  const connections = new Map<string, Set<TLSSocket>>();

  const connectionOf = (client: Client): { connection: Connection; certificate: string } => {
    const certificate = certificates.get(client.conn) ?? '';
    const isThing = registry.linked('thing', certificate).includes(client.id);
    return { connection: { clientId: client.id, thingName: isThing ? client.id : undefined }, certificate };
  };
  const may = (client: Client, action: string, resource: string): boolean => {
    const { connection, certificate } = connectionOf(client);
    const decisions = registry
      .linked('policy', certificate)
      .map((name) => options.policy(name)?.(connection, action, arn('iot', resource)));
    const isAllowed = decisions.includes('Allow') && !decisions.includes('Deny');
    if (!isAllowed) log(`${client.id} may not ${action} ${resource}\n`);
    return isAllowed;
  };
  const refusal = (message: string) => new Error(message);

  const aedes = await Aedes.createBroker({
    authenticate(client, _username, _password, done) {
      if (may(client, 'iot:Connect', `client/${client.id}`)) return done(null, true);
      done(Object.assign(refusal('not authorized'), { returnCode: 5 }), false);
    },
    authorizePublish(client, { topic, payload, qos, retain }, done) {
      if (client === null) return done();
      const bytes = Buffer.from(payload);
      const isPublishable =
        qos < 2 &&
        bytes.length <= maxMessageBytes &&
        Buffer.byteLength(topic) <= maxTopicBytes &&
        topic.split('/').length - 1 <= maxSlashes;
      if (!isPublishable) {
        log(
          `${client.id} sent what IoT Core does not take: ${bytes.length} bytes, QoS ${qos}, to ${topic}\n`,
        );
        return done(refusal('not accepted'));
      }
      if (!may(client, 'iot:Publish', `topic/${topic}`)) return done(refusal('not authorized'));
      if (retain && !may(client, 'iot:RetainPublish', `topic/${topic}`))
        return done(refusal('not authorized'));
      try {
        options.onMessage(topic, bytes);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    authorizeSubscribe(client, subscription, done) {
      const isAllowed =
        subscription.qos < 2 && may(client, 'iot:Subscribe', `topicfilter/${subscription.topic}`);
      done(isAllowed ? null : refusal('not authorized'), isAllowed ? subscription : null);
    },
    authorizeForward: (client, packet) =>
      may(client, 'iot:Receive', `topic/${packet.topic}`) ? packet : null,
  });

  /** The certificate's id where it may connect; provisions one that is shown for the first time. */
  function admit(shown: X509Certificate): string | undefined {
    const id = certificateId(shown);
    const known = registry.certificates.get(id) ?? registered(shown, id);
    if (known === undefined) {
      log(`an unknown certificate, ${id}\n`);
      return undefined;
    }
    const [from, to] = [Date.parse(shown.validFrom), Date.parse(shown.validTo)];
    if (known.status === 'ACTIVE' && from <= Date.now() && Date.now() <= to) return id;
    log(`certificate ${id} is ${known.status}, valid from ${shown.validFrom} to ${shown.validTo}\n`);
    if (known.status === 'PENDING_ACTIVATION' && known.caId !== undefined) provision(shown, id, known.caId);
    return undefined; // it connects again, as on AWS
  }

  function registered(shown: X509Certificate, id: string) {
    const issuer = [...registry.authorities.values()].find(({ pem, isActive, registersByItself }) => {
      const authorityCertificate = new X509Certificate(pem);
      const isIssuer =
        shown.checkIssued(authorityCertificate) && shown.verify(authorityCertificate.publicKey);
      return isActive && registersByItself && isIssuer;
    });
    if (issuer === undefined) return undefined;
    const pem = shown.toString();
    registry.put({
      certificate: { id, pem, status: 'PENDING_ACTIVATION', createdMs: Date.now(), caId: issuer.id },
    });
    return registry.certificates.get(id);
  }

  function provision(certificate: X509Certificate, id: string, caId: string): void {
    const template = options.template(registry.authorities.get(caId)?.templateName ?? '');
    if (template === undefined || !template.isEnabled) return;
    try {
      provisionDevice(registry, { template, certificate, id }, options.mayProvision);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      log(`${template.name} could not provision ${id}: ${error.message}\n`);
    }
  }

  const server = createServer(
    { ...(await authority.server()), requestCert: true, rejectUnauthorized: false }, // the registry decides, not a chain
    (socket) => {
      socket.on('error', () => socket.destroy()); // a device that goes away
      const shown = socket.getPeerX509Certificate();
      const id = shown && admit(shown);
      if (id === undefined) return void socket.destroy();
      certificates.set(socket, id);
      const open = connections.get(id) ?? new Set();
      connections.set(id, open.add(socket));
      socket.on('close', () => open.delete(socket));
      aedes.handle(socket);
    },
  );
  server.on('tlsClientError', () => {}); // one that speaks no TLS
  await listening(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    disconnect(id) {
      for (const socket of connections.get(id) ?? []) socket.destroy();
    },
    async close() {
      await new Promise<void>((resolve) => aedes.close(resolve));
      const closed = once(server, 'close');
      server.close();
      for (const open of connections.values()) for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

async function listening(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening'); // rejects with the error event
}
