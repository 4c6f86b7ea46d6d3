import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEndpoint } from '../engine/endpoint.ts';
import { createS3 } from '../services/s3/service.ts';
import { AwsCaller } from '../services/step-functions/aws-clients.ts';
import { integrationOf, performIntegration } from '../services/step-functions/integrations.ts';
import { faultyService } from './faulty-service.ts';
import { type Fault, type FaultKind, Schedule } from './schedule.ts';

const directory = mkdtempSync(join(tmpdir(), 'caudal-faulty-'));
const s3 = createS3({ directory });
/** What happens to the next calls, in order. */
const script: Fault[] = [];
const seen: { action: string; allowed: FaultKind[] }[] = [];
const killed: string[] = [];
const timedOut: string[] = [];
let race = async (): Promise<void> => {};
let endpointUrl = '';
const endpoint = createEndpoint({
  services: [
    faultyService(s3, {
      draw({ request, allowed }) {
        seen.push({ action: request.action, allowed });
        const fault = script.shift();
        return fault && { fault, chance: 0 };
      },
      kill: (request) => void killed.push(request.headers['x-amz-security-token'] ?? ''),
      timeOut: (request) => void timedOut.push(request.headers['x-amz-security-token'] ?? ''),
      race: () => race(),
    }),
  ],
});

const clientWith = (maxAttempts: number, accessKeyId = 'client', sessionToken?: string) =>
  new S3Client({
    endpoint: endpointUrl,
    region: 'us-east-1',
    maxAttempts,
    credentials: { accessKeyId, secretAccessKey: 'x', ...(sessionToken ? { sessionToken } : {}) },
  });
const put = (client: S3Client, condition: object = {}) =>
  client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'key', Body: 'twelve bytes', ...condition }));
const versions = async () =>
  (await clientWith(1).send(new ListObjectVersionsCommand({ Bucket: 'bucket' }))).Versions?.length ?? 0;

beforeAll(async () => {
  s3.createBucket({ name: 'bucket', versioned: true });
  endpointUrl = `http://127.0.0.1:${(await endpoint.listen(0)).port}`;
});
afterAll(async () => {
  await endpoint.close();
  await s3.close();
  rmSync(directory, { recursive: true });
});
beforeEach(() => {
  script.length = 0;
  seen.length = 0;
  killed.length = 0;
  timedOut.length = 0;
});

describe('a call that something happens to', () => {
  it('has no effect when it fails before, and its effect when it fails after', async () => {
    const before = await versions();
    script.push({ kind: 'fail', when: 'before' });
    await expect(put(clientWith(1))).rejects.toMatchObject({ name: 'SlowDown' });
    expect(await versions()).toBe(before);
    script.push({ kind: 'fail', when: 'after' });
    await expect(put(clientWith(1))).rejects.toMatchObject({ name: 'InternalError' });
    expect(await versions()).toBe(before + 1);
  });

  it('is made again by the SDK when the answer is lost with the connection', async () => {
    const before = await versions();
    script.push({ kind: 'cut', when: 'after' });
    await put(clientWith(3));
    expect(await versions()).toBe(before + 2);
  });

  it('is made twice when it is repeated, body and all', async () => {
    const before = await versions();
    script.push({ kind: 'repeat' });
    await put(clientWith(1));
    expect(await versions()).toBe(before + 2);
    const { Body } = await clientWith(1).send(new GetObjectCommand({ Bucket: 'bucket', Key: 'key' }));
    expect(await Body?.transformToString()).toBe('twelve bytes');
  });

  it('breaks off half-way when its body is torn', async () => {
    await put(clientWith(1));
    script.push({ kind: 'torn' });
    const { Body } = await clientWith(1).send(new GetObjectCommand({ Bucket: 'bucket', Key: 'key' }));
    await expect(Body?.transformToString()).rejects.toThrow('aborted');
  });

  it('loses its race to who writes in between', async () => {
    const { ETag } = await put(clientWith(1));
    race = async () => void (await s3.putObject({ bucket: 'bucket', key: 'key', body: 'another' }));
    script.push({ kind: 'race' });
    await expect(put(clientWith(1), { IfMatch: ETag })).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });

  it('costs a function its life, or its time', async () => {
    script.push({ kind: 'kill', when: 'after' });
    await expect(put(clientWith(1, 'LKIAFunction', 'environment-1'))).rejects.toThrow();
    expect(killed).toEqual(['environment-1']);
    script.push({ kind: 'hang' });
    await expect(put(clientWith(1, 'LKIAFunction', 'environment-2'))).rejects.toThrow();
    expect(timedOut).toEqual(['environment-2']);
  });

  it('may meet what makes sense for it', async () => {
    await put(clientWith(1));
    await put(clientWith(1, 'LKIAFunction', 'environment-1'), { IfNoneMatch: '*' }).catch(() => {});
    await clientWith(1).send(new GetObjectCommand({ Bucket: 'bucket', Key: 'key' }));
    expect(seen.map(({ allowed }) => allowed)).toEqual([
      ['fail', 'delay', 'repeat', 'cut'],
      ['fail', 'delay', 'repeat', 'cut', 'kill', 'hang', 'race'],
      ['fail', 'delay', 'repeat', 'cut', 'torn'],
    ]);
  });

  it('is SdkClientException to the state machine when no answer came', async () => {
    const aws = new AwsCaller({
      endpointUrl,
      credentials: { accessKeyId: 'LKIAMachine', secretAccessKey: 'x' },
    });
    const integration = integrationOf('arn:aws:states:::aws-sdk:s3:getObject');
    script.push({ kind: 'cut', when: 'before' });
    await expect(
      performIntegration(
        integration as NonNullable<typeof integration>,
        { Bucket: 'bucket', Key: 'key' },
        { aws, signal: new AbortController().signal },
      ),
    ).rejects.toMatchObject({ name: 'S3.SdkClientException' });
    await aws.close();
  });
});

describe('a schedule', () => {
  const kinds: FaultKind[] = ['fail', 'cut', 'kill', 'delay', 'repeat'];
  const names = Array.from({ length: 30 }, (_, index) => `function-${index} s3:PutObject`);
  const drawn = (seed: number, order: readonly string[], turns: number) => {
    const schedule = new Schedule(seed);
    const faults: [string, number, Fault][] = [];
    for (let turn = 0; turn < turns; turn++) {
      for (const name of order) {
        const fault = schedule.next(name, kinds);
        if (fault) faults.push([name, turn, fault]);
      }
    }
    return faults;
  };

  it('brings the same for a seed, and something else for another', () => {
    expect(drawn(7, names, 50)).toEqual(drawn(7, names, 50));
    expect(drawn(7, names, 50)).not.toEqual(drawn(8, names, 50));
  });

  it('does not depend on how the calls of different names interleave, as long as the budget lasts', () => {
    const few = names.slice(0, 8);
    const [first, second] = [drawn(7, few, 3), drawn(7, few.toReversed(), 3)];
    expect(first.length).toBeGreaterThan(2);
    expect(first.map((fault) => JSON.stringify(fault)).sort()).toEqual(
      second.map((fault) => JSON.stringify(fault)).sort(),
    );
  });

  it.each([false, true])(
    'ends: at last every call goes through, faults aimed at it or not (%s)',
    (isAimed) => {
      for (let seed = 0; seed < 200; seed++) {
        const schedule = new Schedule(seed);
        for (let turn = 0; turn < 400; turn++) for (const name of names) schedule.next(name, kinds, isAimed);
        expect(names.map((name) => schedule.next(name, kinds, isAimed))).toEqual(names.map(() => undefined));
      }
    },
  );

  it('has a death among the first calls of nearly every name that it is aimed at, whatever its rate', () => {
    const seeds = Array.from({ length: 200 }, (_, seed) => seed);
    const deadly = seeds.filter((seed) => {
      const schedule = new Schedule(seed);
      const faults = Array.from({ length: 24 }, () =>
        schedule.next('merge dynamodb:PutItem/page', kinds, true),
      );
      return faults.some((fault) => fault?.kind === 'kill');
    });
    expect(deadly.length).toBeGreaterThan(0.9 * seeds.length);
  });

  it('reaches every kind of fault and leaves no seed without any', () => {
    const found = Array.from({ length: 50 }, (_, seed) => drawn(seed, names, 50));
    expect(Math.min(...found.map(({ length }) => length))).toBeGreaterThan(0);
    expect(new Set(found.flat().map(([, , { kind }]) => kind))).toEqual(new Set(kinds));
  });
});
