import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scratch, until } from '../../../test/support/local/harness.ts';
import { afterPrefix, compareKeys, SortedKeys } from './keys.ts';
import { createS3, type S3 } from './service.ts';

let place: ReturnType<typeof scratch>;
let s3: S3;
const open = () => createS3({ directory: place.directory });

beforeEach(() => {
  place = scratch();
  s3 = open();
});
afterEach(async () => {
  await s3.close();
  await place.remove();
});

const bucket = 'bucket';
const put = (key: string, body: string) => s3.putObject({ bucket, key, body });
const read = async (key: string, versionId?: string) => {
  const { body } = await s3.getObject({ bucket, key, ...(versionId === undefined ? {} : { versionId }) });
  return Buffer.concat(await body.toArray()).toString();
};
const keys = () => s3.listKeys({ bucket }).map(({ key }) => key);
const files = () =>
  readdirSync(place.directory, { recursive: true }).filter((name) => /objects\/..\/./.test(`${name}`));

test('objects, versions and settings are read back', async () => {
  s3.createBucket({ name: bucket, versioned: true });
  const first = await put('a', 'one');
  await put('a', 'two');
  await put('b', 'gone');
  s3.deleteObject({ bucket, key: 'b' });
  await s3.close();
  s3 = open();
  expect([await read('a'), await read('a', first.versionId), keys()]).toEqual(['two', 'one', ['a']]);
  const again = await put('a', 'three');
  expect(again.versionId).toBeDefined();
});

test('a torn line and files that no line names are dropped', async () => {
  s3.createBucket({ name: bucket });
  await put('a', 'kept');
  await s3.close();
  writeFileSync(join(place.directory, bucket, 'index.jsonl'), '{"put":{"key":"torn', { flag: 'a' });
  mkdirSync(join(place.directory, bucket, 'objects', 'zz'));
  writeFileSync(join(place.directory, bucket, 'objects', 'zz', 'orphan'), 'x');
  s3 = open();
  expect([keys(), await read('a'), files().length]).toEqual([['a'], 'kept', 1]);
  await put('b', 'after');
  await s3.close();
  s3 = open();
  expect(keys()).toEqual(['a', 'b']);
});

test('overwriting leaves one file, and a journal that does not grow for ever', async () => {
  s3.createBucket({ name: bucket });
  for (let i = 0; i < 2500; i++) await put('a', `${i}`);
  await until('old files are gone', () => files().length === 1);
  await s3.close();
  s3 = open();
  expect(await read('a')).toBe('2499');
});

describe('lifecycle', () => {
  const day = 86_400_000;

  test('expires what is old below the prefix, and noncurrent versions', async () => {
    const lifecycle = [{ prefix: 'staging/', expirationDays: 7 }, { noncurrentExpirationDays: 30 }];
    s3.createBucket({ name: bucket, versioned: true, lifecycle });
    const old = await put('kept', 'one');
    await put('kept', 'two');
    await put('staging/x', 'x');
    await s3.expire(Date.now() + 6 * day);
    expect(keys()).toEqual(['kept', 'staging/x']);
    await s3.expire(Date.now() + 8 * day);
    expect(keys()).toEqual(['kept']);
    expect(await read('kept', old.versionId)).toBe('one');
    await s3.expire(Date.now() + 31 * day);
    await expect(read('kept', old.versionId)).rejects.toMatchObject({ code: 'NoSuchVersion' });
    expect(await read('kept')).toBe('two');
  });
});

describe('the order of keys', () => {
  const key = fc.string({ unit: 'binary', maxLength: 6 }).filter((text) => text.isWellFormed());
  const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

  test('is that of their UTF-8 bytes', () => {
    fc.assert(fc.property(key, key, (a, b) => Math.sign(compareKeys(a, b)) === bytes(a, b)));
  });

  test('after a prefix come no keys that have it, and none is skipped', () => {
    fc.assert(
      fc.property(key, key, (prefix, other) => {
        const end = afterPrefix(prefix);
        if (end === undefined) return true;
        const belongs = other.startsWith(prefix);
        const between = compareKeys(other, prefix) >= 0 && compareKeys(other, end) < 0;
        return belongs === between;
      }),
      { numRuns: 2000 },
    );
  });

  test('holds through any sequence of adding and removing', () => {
    const step = fc.record({ key, remove: fc.boolean(), list: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const sorted = new SortedKeys();
        const model = new Set<string>();
        for (const { key, remove, list } of steps) {
          if (model.has(key) === remove) {
            if (remove) sorted.remove(key);
            else sorted.add(key);
            if (remove) model.delete(key);
            else model.add(key);
          }
          if (list) expect([...sorted.after('')]).toEqual([...model].sort(bytes));
        }
        expect([...sorted.after('')]).toEqual([...model].sort(bytes));
      }),
    );
  });
});
