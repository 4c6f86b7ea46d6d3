import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { shippedContext } from '../test/support/infra/synthesized.ts';
import { ConfigError, readConfig, refuseUnknownKeys } from './config.ts';

const read = (overrides: Record<string, unknown> = {}) => {
  const context = { ...shippedContext, ...overrides };
  return readConfig((key) => context[key as keyof typeof context]);
};
const uuid = '0a1b2c3d-0000-4000-8000-000000000000';
const id = '0a1b2c3d4e5f60718';
const shippedKeys = Object.keys(shippedContext).filter((key) => key.startsWith('caudal:'));

describe('the configuration', () => {
  test('is valid as shipped', () => {
    expect(read()).toMatchObject({
      bufferSeconds: 300,
      bufferMiB: 64,
      alertEmail: undefined,
      protectData: true,
      ingestConcurrency: 0,
      apiRatePerAddress: 0,
      rawInfrequentDays: 0,
      rawLockDays: 0,
      denyRawDeletion: false,
      auditDataEvents: false,
    });
  });

  test('has exactly the keys that cdk.json lists and docs/configuration.md explains', () => {
    expect(shippedKeys.map((key) => key.slice('caudal:'.length)).sort()).toEqual(Object.keys(read()).sort());
    const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'configuration.md'), 'utf8');
    const explained = [...page.matchAll(/^\| `(caudal:\w+)`/gm)].map(([, key]) => key);
    expect(explained.sort()).toEqual([...shippedKeys].sort());
  });

  test('takes the strings that the command line gives', () => {
    const config = read({
      'caudal:bufferSeconds': '0',
      'caudal:rawLockDays': '0',
      'caudal:ingestConcurrency': '8',
      'caudal:protectData': 'false',
      'caudal:alertEmail': 'ops@example.com',
      'caudal:tokenDomainPrefix': 'readings-7',
    });
    expect(config).toMatchObject({
      bufferSeconds: 0,
      rawLockDays: 0,
      ingestConcurrency: 8,
      protectData: false,
      alertEmail: 'ops@example.com',
      tokenDomainPrefix: 'readings-7',
    });
  });

  test.each([
    ['', undefined],
    ['new', 'new'],
    ['stream/telemetry', { stream: 'telemetry', key: undefined }],
    [`stream/tele.metry_1@${uuid}`, { stream: 'tele.metry_1', key: uuid }],
    [`stream/t@mrk-${'0a'.repeat(16)}`, { stream: 't', key: `mrk-${'0a'.repeat(16)}` }],
  ])('takes %j for a stream of Kinesis', (text, kinesis) => {
    expect(read({ 'caudal:kinesis': text }).kinesis).toEqual(kinesis);
  });

  test.each([
    [`readings@telemetry/${uuid}-1`, { topic: 'readings', cluster: `telemetry/${uuid}-1` }],
    [`readings@telemetry/${uuid}-s2`, { topic: 'readings', cluster: `telemetry/${uuid}-s2` }],
    [
      'readings@b1.example.org:9096,b2.example.org:9096@kafka-AbCdEf',
      {
        topic: 'readings',
        brokers: ['b1.example.org:9096', 'b2.example.org:9096'],
        secret: 'kafka-AbCdEf',
      },
    ],
  ])('takes %j for a topic of Kafka', (text, kafka) => {
    expect(read({ 'caudal:kafka': text }).kafka).toEqual(kafka);
  });

  test.each([
    ['vpc', `vpc-${id}/subnet-${id},subnet-${id}/sg-${id}`, 'two to six subnets'],
    ['vpc', 'vpc-0a1b2c3d4/subnet-0a1b2c3d,subnet-1a1b2c3d/sg-0a1b2c3d', 'vpc-ID/subnet-ID'],
    ['zones', 'us-east-1a,us-west-2b', 'two zones of the Region'],
    ['prefixLists', 'pl-63a5400,pl-02cd2c6b', 'ids of the prefix lists'],
  ])('refuses of a network %s = %j', (name, value, message) => {
    const network = { 'caudal:network': 'private', 'caudal:prefixLists': 'pl-63a5400a,pl-02cd2c6b' };
    expect(() => read({ ...network, [`caudal:${name}`]: value })).toThrow(`caudal:${name} is`);
    expect(() => read({ ...network, [`caudal:${name}`]: value })).toThrow(message);
  });

  test('takes a token domain that is no longer than Cognito lets it be with the stage', () => {
    const of = (length: number) => ({
      'caudal:stage': 'pre-production',
      'caudal:tokenDomainPrefix': 'a'.repeat(length),
    });
    expect(read(of(48)).stage).toBe('pre-production');
    expect(() => read(of(49))).toThrow('accepted: up to 48 of a-z');
  });

  test.each([
    ['stage', 'Sandbox', 'caudal:stage is "Sandbox"; accepted: 1 to 20 of a-z, 0-9 and -'],
    ['stage', '-x', 'the first one a letter'],
    ['stage', 'x-', 'the last one no -'],
    ['stage', 'a'.repeat(21), 'accepted: 1 to 20'],
    ['stage', 'my-aws', 'without aws, amazon or cognito'],
    ['stage', 7, 'caudal:stage is 7'],
    ['bufferSeconds', -1, 'caudal:bufferSeconds is -1; accepted: an integer from 0 to 900'],
    ['bufferSeconds', 901, 'accepted: an integer from 0 to 900'],
    ['bufferSeconds', '', 'caudal:bufferSeconds is ""; accepted: an integer from 0 to 900'],
    ['bufferMiB', 0, 'accepted: an integer from 1 to 128'],
    ['bufferMiB', 1.5, 'accepted: an integer from 1 to 128'],
    ['batchWindowSeconds', 'soon', 'caudal:batchWindowSeconds is "soon"; accepted: an integer from 0 to 300'],
    ['maxConcurrency', 0, 'accepted: an integer from 1 to 1000'],
    ['maxConcurrency', undefined, 'caudal:maxConcurrency is nothing'],
    ['corsOrigin', 'https://app.example.org/', 'without a path'],
    ['corsOrigin', '*', 'an origin'],
    ['corsOrigin', 'http://app.example.org', 'an origin'],
    ['alertWebhook', 'http://alerts.example.com/', 'an https address'],
    ['alertWebhook', 'https://user:secret@alerts.example.com/', 'without a user'],
    ['alertEmail', 'Ops <ops@example.com>', 'accepted: an e-mail address'],
    ['alertEmail', '<ops@example.com>', 'accepted: an e-mail address'],
    ['alertEmail', 'a@example.com,b@example.com', 'accepted: an e-mail address'],
    ['alertEmail', 'ops at example', 'accepted: an e-mail address, or empty for none'],
    ['logLevel', 'TRACE', 'accepted: DEBUG, INFO, WARN, ERROR'],
    ['logRetentionDays', 2, 'accepted: one of 1, 3, 5, 7'],
    ['protectData', 'yes', 'accepted: true or false'],
    ['apiRatePerSecond', 0, 'accepted: an integer from 1 to 10000'],
    ['apiBurst', 5001, 'accepted: an integer from 1 to 5000'],
    ['tokenDomainPrefix', 'my-aws-readings', 'without aws, amazon or cognito'],
    ['tokenDomainPrefix', '-x', 'up to 63 of a-z, 0-9 and -'],
    ['accessLogDays', 366, 'accepted: one of 1, 3, 5, 7'],
    ['ingestConcurrency', -1, 'accepted: 0 for none, or an integer from 1 to 1000'],
    ['ingestConcurrency', '', 'accepted: 0 for none, or an integer from 1 to 1000'],
    ['apiRatePerAddress', 9, 'accepted: 0 for none, or an integer from 10 to 2000000000'],
    ['rawInfrequentDays', 29, 'accepted: 0 for none, or an integer from 30 to 3650'],
    ['rawLockDays', 1.5, 'caudal:rawLockDays is 1.5; accepted: 0 for none, or an integer from 1 to 36500'],
    ['rawLockDays', false, 'accepted: 0 for none, or an integer from 1 to 36500'],
    ['denyRawDeletion', 'yes', 'accepted: true or false'],
    ['auditDataEvents', undefined, 'caudal:auditDataEvents is nothing; accepted: true or false'],
    ['apiLoggingRole', 1, 'accepted: true or false'],
    ['console', 'yes', 'accepted: true or false'],
    ['streams', 'some', 'accepted: true or false'],
    ['kinesis', 'telemetry', 'caudal:kinesis is "telemetry"; accepted: new, stream/NAME or stream/NAME@KEY'],
    ['kinesis', 'stream/a b', 'stream/NAME@KEY'],
    ['kinesis', `stream/${'a'.repeat(129)}`, 'or empty'],
    ['kinesis', 'stream/a@key/b', 'or empty'],
    ['kinesis', true, 'or empty'],
    ['kinesis', 'stream/a@alias', 'a UUID, or mrk- and 32 digits'],
    ['kafka', 'readings@telemetry/1', 'as its ARN ends'],
    ['kafka', `..@telemetry/${uuid}-1`, 'topic@NAME/UUID'],
    ['kafka', 'readings@host:0@kafka-AbCdEf', 'ports from 1 to 65535'],
    ['kafka', 'readings@host:65536@kafka-AbCdEf', 'ports from 1 to 65535'],
    ['kafka', 'readings@h:9092,h:9092@kafka-AbCdEf', 'three different brokers'],
    ['kafka', 'readings@-:9092@kafka-AbCdEf', 'or empty'],
    ['pageWebhook', 'https://localhost/page', 'that SNS reaches'],
  ])('refuses %s = %j and says what it takes', (name, value, message) => {
    expect(() => read({ [`caudal:${name}`]: value })).toThrow(ConfigError);
    expect(() => read({ [`caudal:${name}`]: value })).toThrow(message);
  });

  test.each(['0x10', '1e1', '+5', ' 5', '5 ', '-0', '1.0', '٥', true, null, [5], {}])(
    'takes no %j for a number',
    (value) => {
      expect(() => read({ 'caudal:bufferMiB': value })).toThrow('accepted: an integer from 1 to 128');
    },
  );

  test('refuses a key that nothing reads, and one for a stage that there is not', () => {
    const refuse = (...keys: string[]) =>
      refuseUnknownKeys([...shippedKeys, ...keys], read(), ['production']);
    refuse('caudal:alertEmail@production', 'pipeline:branch', '@aws-cdk/core:x', 'availability-zones');
    for (const key of [
      'caudal:alertMail',
      'caudal:',
      'caudal:AlertEmail',
      'caudal:alertEmail ',
      'caudal:toString',
    ])
      expect(() => refuse(key), key).toThrow(
        `"${key}" is no key of the configuration; accepted: caudal:stage, `,
      );
    for (const stage of ['prod', '', 'production@x'])
      expect(() => refuse(`caudal:alertEmail@${stage}`), stage).toThrow('accepted: production');
  });
});
