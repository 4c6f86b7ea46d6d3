import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { IoTClient, RegisterCACertificateCommand } from '@aws-sdk/client-iot';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { BasicConstraintsExtension, PemConverter, X509CertificateGenerator } from '@peculiar/x509';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { connectAsync } from 'mqtt';
import { deviceTemplateName, deviceTopicRoot } from '../../../core/device-names.ts';
import type { CloudWorld } from '../cloud-world.ts';
import { clientSettings, output } from '../job-world.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const newKeys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

/** A reading by a message of the queue; by a record of the stream of Kinesis, until it is in the raw bucket; by a device of an authority of the owner's, which is provisioned first; and by a device while the stream is away. */
export async function exerciseSources({ cloud }: CloudWorld): Promise<void> {
  const reading = { sensorId: 'g-source', timestamp: '2024-03-05T10:00:00Z', battery: 60, signal: -70 };
  const sqs = new SQSClient(clientSettings(cloud.endpointUrl));
  const body = JSON.stringify({ dataset: 'gadget-telemetry', ...reading });
  const queue = output(cloud, 'CaudalSources', 'ReadingQueue');
  await sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: body }));
  await recordOfStream(cloud, { dataset: 'gadget-telemetry', ...reading, timestamp: '2024-03-05T10:02:00Z' });
  const thing = 'g-source';
  const shown = await certificateOf(cloud, thing);
  const topic = `${deviceTopicRoot(undefined)}/gadget-telemetry/${thing}`;
  await connected(cloud, thing, shown).catch(() => {}); // provisioned at that
  const device = await connected(cloud, thing, shown);
  await device.publishAsync(topic, JSON.stringify([{ ...reading, timestamp: '2024-03-05T10:01:00Z' }]), {
    qos: 1,
  });
  const { firehose } = cloud.services;
  const { put } = firehose;
  firehose.put = () => {
    throw new Error('The exercise makes this put fail.');
  };
  try {
    await device.publishAsync(topic, '[]', { qos: 1 });
  } finally {
    firehose.put = put;
  }
  await device.endAsync(true);
}

async function recordOfStream(cloud: CloudWorld['cloud'], reading: object): Promise<void> {
  const kinesis = new KinesisClient({
    ...clientSettings(cloud.endpointUrl),
    requestHandler: new NodeHttpHandler(), // the client's own speaks HTTP/2
  });
  const stream = output(cloud, 'CaudalSources', 'ReadingStream');
  const Data = Buffer.from(`${JSON.stringify(reading)}\n`);
  await kinesis.send(new PutRecordCommand({ StreamName: stream, PartitionKey: 'g-source', Data }));
  kinesis.destroy();
  const bucket = output(cloud, 'CaudalData', 'RawBucket');
  const isThere = (): boolean =>
    cloud.services.s3.listKeys({ bucket }).some(({ key }) => /\/caudal-kinesis-new-[^/]*$/.test(key));
  for (let tries = 0; !isThere(); tries++) {
    if (tries > 600) throw new Error('A record of the stream of Kinesis did not arrive in the raw bucket.');
    await pause(100);
  }
}

/** A device that is connected. */
export async function connected(
  cloud: CloudWorld['cloud'],
  clientId: string,
  shown: { cert: string; key: string },
) {
  const ca = readFileSync(cloud.mqtt?.authorityFile ?? '');
  const options = { ...shown, ca, clientId, protocolVersion: 4, reconnectPeriod: 0 } as const;
  return connectAsync(`mqtts://${cloud.mqtt?.endpoint}`, options, false);
}

/** A certificate of an authority that is registered with the template of the stack. @param notAfter when the authority ends */
export async function certificateOf(
  cloud: CloudWorld['cloud'],
  name: string,
  notAfter?: Date,
): Promise<{ cert: string; key: string }> {
  const [keys, deviceKeys] = [await newKeys(), await newKeys()];
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...{ name: 'CN=Authority', keys, signingAlgorithm: algorithm },
    ...(notAfter && { notBefore: new Date(0), notAfter }),
    extensions: [new BasicConstraintsExtension(true, 0, true)],
  });
  const iot = new IoTClient(clientSettings(cloud.endpointUrl));
  await iot.send(
    new RegisterCACertificateCommand({
      caCertificate: authority.toString('pem'),
      certificateMode: 'SNI_ONLY',
      setAsActive: true,
      allowAutoRegistration: true,
      registrationConfig: { templateName: deviceTemplateName(undefined) },
    }),
  );
  const certificate = await X509CertificateGenerator.create({
    ...{ subject: `CN=${name}`, issuer: authority.subject, publicKey: deviceKeys.publicKey },
    ...{ signingKey: keys.privateKey, signingAlgorithm: algorithm },
  });
  const key = PemConverter.encode(
    await crypto.subtle.exportKey('pkcs8', deviceKeys.privateKey),
    'PRIVATE KEY',
  );
  return { cert: certificate.toString('pem'), key };
}
