import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateCertificateFromCsrCommand,
  CreateKeysAndCertificateCommand,
  CreateThingCommand,
  DescribeEndpointCommand,
  DescribeThingCommand,
  IoTClient,
  ListThingsCommand,
  RegisterCACertificateCommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import {
  BasicConstraintsExtension,
  PemConverter,
  Pkcs10CertificateRequestGenerator,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyPorts, writeAssembly } from '../../../test/support/local/assembly.ts';
import { type LocalCloud, startCloud } from '../../engine/cloud.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const newKeys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
const pemOf = async (key: Parameters<typeof crypto.subtle.exportKey>[1]) =>
  PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');

const role = 'arn:aws:iam::000000000000:role/all';
const rule = (payload: object = {}, firehose: object = {}) => ({
  Type: 'AWS::IoT::TopicRule',
  Properties: {
    RuleName: 'readings',
    TopicRulePayload: {
      AwsIotSqlVersion: '2016-03-23',
      Sql: "SELECT decode(encode(*, 'base64'), 'base64') AS message, topic(3) AS thing FROM 'root/+/+'",
      Actions: [
        { Firehose: { DeliveryStreamName: 'readings', RoleArn: role, Separator: '\n', ...firehose } },
      ],
      ErrorAction: { Sqs: { QueueUrl: { Ref: 'Errors' }, RoleArn: role, UseBase64: true } },
      ...payload,
    },
  },
});
const thing = '$' + '{iot:Connection.Thing.ThingName}';
const template = {
  Parameters: {
    'AWS::IoT::Certificate::CommonName': { Type: 'String' },
    'AWS::IoT::Certificate::Id': { Type: 'String' },
  },
  Resources: {
    thing: {
      Type: 'AWS::IoT::Thing',
      Properties: { ThingName: { Ref: 'AWS::IoT::Certificate::CommonName' } },
    },
    certificate: {
      Type: 'AWS::IoT::Certificate',
      Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'ACTIVE' },
    },
    policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'device' } },
  },
};
const resources = {
  Raw: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'raw' } },
  Stream: {
    Type: 'AWS::KinesisFirehose::DeliveryStream',
    Properties: {
      DeliveryStreamName: 'readings',
      ExtendedS3DestinationConfiguration: { BucketARN: 'arn:aws:s3:::raw', RoleARN: role, Prefix: 'raw/' },
    },
  },
  Errors: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'errors' } },
  Rule: rule(),
  Policy: {
    Type: 'AWS::IoT::Policy',
    Properties: {
      PolicyName: 'device',
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: 'iot:Connect',
            Resource: `arn:aws:iot:us-east-1:000000000000:client/${thing}`,
          },
          {
            Effect: 'Allow',
            Action: 'iot:Publish',
            Resource: `arn:aws:iot:us-east-1:000000000000:topic/root/*/${thing}`,
          },
        ],
      },
    },
  },
  Template: {
    Type: 'AWS::IoT::ProvisioningTemplate',
    Properties: {
      TemplateName: 'own',
      TemplateType: 'JITP',
      ProvisioningRoleArn: role,
      TemplateBody: JSON.stringify(template),
    },
  },
};

let cloud: LocalCloud;
let iot: IoTClient;
const devices: MqttClient[] = [];
beforeAll(async () => {
  cloud = await startCloud({ ...writeAssembly(resources), ports: anyPorts });
  iot = new IoTClient({
    endpoint: cloud.endpointUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  for (const device of devices) await device.endAsync(true);
  await cloud?.close();
});

/** A device that shows these, once. */
async function connected(clientId: string, shown: { cert: string; key: string }): Promise<MqttClient> {
  const { endpointAddress } = await iot.send(new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' }));
  const options: IClientOptions = {
    ...shown,
    clientId,
    protocolVersion: 4,
    reconnectPeriod: 0,
    connectTimeout: 20_000,
  };
  const device = await connectAsync(
    `mqtts://${endpointAddress}`,
    {
      ...options,
      ca: readFileSync(cloud.mqtt?.authorityFile ?? ''),
    },
    false,
  );
  devices.push(device);
  return device;
}

async function enrolled(thingName: string): Promise<{ cert: string; key: string; id: string }> {
  await iot.send(new CreateThingCommand({ thingName }));
  const made = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
  const { certificateArn: principal = '', certificatePem: cert = '', keyPair, certificateId: id = '' } = made;
  await iot.send(new AttachPolicyCommand({ policyName: 'device', target: principal }));
  await iot.send(new AttachThingPrincipalCommand({ thingName, principal }));
  return { cert, key: keyPair?.PrivateKey ?? '', id };
}

async function raw(): Promise<string> {
  await cloud.services.firehose.flush('readings');
  const keys = cloud.services.s3.listKeys({ bucket: 'raw' }).map(({ key }) => key);
  const bodies = await Promise.all(
    keys.map(async (key) =>
      Buffer.concat(await (await cloud.services.s3.getObject({ bucket: 'raw', key })).body.toArray()),
    ),
  );
  return Buffer.concat(bodies).toString();
}

describe('a device', () => {
  test('publishes with its certificate, and the message is on disk when it is acknowledged', async () => {
    const device = await connected('buoy', await enrolled('buoy'));
    await device.publishAsync('root/tide/buoy', '[{"level":3}]', { qos: 1 });
    expect(await raw()).toContain('{"message":[{"level":3}],"thing":"buoy"}\n');
  });

  test('may connect only as its own thing, and publish only under its name', async () => {
    const shown = await enrolled('gauge');
    await expect(connected('buoy', shown)).rejects.toThrow();
    const device = await connected('gauge', shown);
    const closed = new Promise((resolve) => device.once('close', () => resolve('closed')));
    device.publish('root/tide/buoy', 'forged', { qos: 1 });
    expect(await closed).toBe('closed');
    expect(await raw()).not.toContain('forged');
  });

  test('that no certificate of the registry shows, or a deactivated one, is not let in', async () => {
    const shown = await enrolled('drifter');
    const device = await connected('drifter', shown);
    const closed = new Promise((resolve) => device.once('close', () => resolve('closed')));
    await iot.send(new UpdateCertificateCommand({ certificateId: shown.id, newStatus: 'INACTIVE' }));
    expect(await closed).toBe('closed');
    await expect(connected('drifter', shown)).rejects.toThrow();
    const keys = await newKeys();
    const own = await X509CertificateGenerator.createSelfSigned({
      name: 'CN=buoy',
      keys,
      signingAlgorithm: algorithm,
    });
    const unknown = { cert: own.toString('pem'), key: await pemOf(keys.privateKey) };
    await expect(connected('buoy', unknown)).rejects.toThrow();
  });

  test('may make its key itself', async () => {
    const keys = await newKeys();
    const csr = await Pkcs10CertificateRequestGenerator.create({
      name: 'CN=tower',
      keys,
      signingAlgorithm: algorithm,
    });
    const signing = { certificateSigningRequest: csr.toString('pem'), setAsActive: true };
    const { certificateArn: principal = '', certificatePem: cert = '' } = await iot.send(
      new CreateCertificateFromCsrCommand(signing),
    );
    await iot.send(new CreateThingCommand({ thingName: 'tower' }));
    await iot.send(new AttachPolicyCommand({ policyName: 'device', target: principal }));
    await iot.send(new AttachThingPrincipalCommand({ thingName: 'tower', principal }));
    const device = await connected('tower', { cert, key: await pemOf(keys.privateKey) });
    expect(device.connected).toBe(true);
    const broken = { certificateSigningRequest: 'none', setAsActive: true };
    await expect(iot.send(new CreateCertificateFromCsrCommand(broken))).rejects.toThrow(
      /signing request can't be read/,
    );
  });
});

test('a certificate of a registered authority becomes a device when it is first shown', async () => {
  const [authorityKeys, deviceKeys] = [await newKeys(), await newKeys()];
  const authority = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Own authority',
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true, 0, true)],
  });
  await iot.send(
    new RegisterCACertificateCommand({
      caCertificate: authority.toString('pem'),
      certificateMode: 'SNI_ONLY',
      setAsActive: true,
      allowAutoRegistration: true,
      registrationConfig: { templateName: 'own' },
    }),
  );
  const certificate = await X509CertificateGenerator.create({
    ...{ subject: 'CN=mast-7', issuer: authority.subject, publicKey: deviceKeys.publicKey },
    ...{ signingKey: authorityKeys.privateKey, signingAlgorithm: algorithm },
  });
  const shown = { cert: certificate.toString('pem'), key: await pemOf(deviceKeys.privateKey) };
  await expect(connected('mast-7', shown)).rejects.toThrow(); // it is provisioned, and connects again
  const device = await connected('mast-7', shown);
  await device.publishAsync('root/tide/mast-7', '{"level":4}', { qos: 1 });
  expect(await raw()).toContain('"thing":"mast-7"');
  expect((await iot.send(new DescribeThingCommand({ thingName: 'mast-7' }))).thingName).toBe('mast-7');
});

test('what the action can not deliver goes to the queue of errors, with the message in it', async () => {
  const device = await connected('vane', await enrolled('vane'));
  const put = cloud.services.firehose.put;
  cloud.services.firehose.put = () => {
    throw new Error('the stream is away');
  };
  try {
    await device.publishAsync('root/tide/vane', '{"level":5}', { qos: 1 });
  } finally {
    cloud.services.firehose.put = put;
  }
  const [message] = await cloud.services.sqs.receive('errors', { waitSeconds: 5 });
  const told = JSON.parse(Buffer.from(message?.body ?? '', 'base64').toString());
  expect(told).toMatchObject({ ruleName: 'readings', topic: 'root/tide/vane' });
  expect(told.failures[0].errorMessage).toContain('away');
  expect(Buffer.from(told.base64OriginalPayload, 'base64').toString()).toBe('{"level":5}');
});

test('the registry lists its things by pages', async () => {
  const { things = [], nextToken } = await iot.send(new ListThingsCommand({ maxResults: 2 }));
  expect(things).toHaveLength(2);
  const rest = await iot.send(new ListThingsCommand({ nextToken }));
  expect([...things, ...(rest.things ?? [])].map(({ thingName }) => thingName)).toContain('mast-7');
});

test.each([
  ['another action', rule({ Actions: [{ Lambda: { FunctionArn: 'x' } }] }), 'Lambda is not built'],
  ['a batch', rule({}, { BatchMode: true }), 'BatchMode'],
  ['another error action', rule({ ErrorAction: { S3: {} } }), 'S3 as an ErrorAction is not built'],
  ['other SQL', rule({ Sql: "SELECT * FROM 'a' WHERE b" }), 'WHERE b'],
  ['an older SQL', rule({ AwsIotSqlVersion: '2015-10-08' }), '2015-10-08 is not built'],
])('a rule with %s stops the start with its name', async (_, Rule, fault) => {
  const start = startCloud({ ...writeAssembly({ ...resources, Rule }), ports: anyPorts });
  await expect(start).rejects.toThrow(`Test/Rule: `);
  await expect(start).rejects.toThrow(fault);
});
