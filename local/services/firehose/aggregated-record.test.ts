import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messageOf, sealed, type UserRecord } from '../../../test/support/local/aggregated.ts';
import { takeApart } from './aggregated-record.ts';

/**
 * What `new RecordAggregator()` of the npm package aws-kinesis-agg 4.2.8, which AWS publishes, built in November 2026 of four records: three of
 * the key `pier`, one of `mole` with the explicit hash key 7.
 */
const ofAws = Buffer.from(
  'f3899ac20a04706965720a046d6f6c651201371a3608001a327b2264617461736574223a2277617465722d74656d7065726174757265222c2273656e736f724964' +
    '223a2270696572227d0a1a0b080110001a056d6f6c650a1a0408001a001a0a08001a0600fff3899ac269e653b330e52aafa20e63cfd692732c',
  'hex',
);

const data = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const userRecord: fc.Arbitrary<UserRecord> = fc.record({
  partitionKey: fc.string({ minLength: 1, maxLength: 8 }),
  explicitHashKey: fc.option(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map(String), { nil: undefined }),
  data,
});
const userRecords = fc.array(userRecord, { maxLength: 40 });

describe('a record of the Kinesis Producer Library', () => {
  test("is taken apart as AWS's own library put it together", () => {
    expect(takeApart(ofAws)).toEqual([
      Buffer.from('{"dataset":"water-temperature","sensorId":"pier"}\n'),
      Buffer.from('mole\n'),
      Buffer.alloc(0),
      Buffer.from([0, 255, 0xf3, 0x89, 0x9a, 0xc2]),
    ]);
  });

  test('is the records that it was made of, whatever their keys and data are', () => {
    fc.assert(
      fc.property(userRecords, (records) => {
        expect(takeApart(sealed(messageOf(records)))).toEqual(records.map((record) => record.data));
      }),
    );
  });

  test('may have fields that are not known here, and tables behind the records', () => {
    const message = messageOf([{ partitionKey: 'a', data: Buffer.from('x') }]);
    const [key, record] = [message.subarray(0, 3), message.subarray(3)];
    const unknown = Buffer.from([
      0x20, 0x96, 0x01, 0x2d, 1, 2, 3, 4, 0x31, 1, 2, 3, 4, 5, 6, 7, 8, 0x3a, 1, 9,
    ]);
    expect(takeApart(sealed(Buffer.concat([record, unknown, key])))).toEqual([Buffer.from('x')]);
  });
});

describe('any other record stays as it is', () => {
  test('which begins with anything else', () => {
    fc.assert(
      fc.property(data, (bytes) => {
        expect(takeApart(bytes)).toEqual([bytes]);
      }),
    );
  });

  test('which one bit makes another one than was sent, or which is cut off', () => {
    const whole = sealed(messageOf([{ partitionKey: 'a', data: Buffer.from('x\n') }]));
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const other = Buffer.from(whole);
      other[bit >> 3] = (whole[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(takeApart(other)).toEqual([other]);
    }
    for (let length = 0; length < whole.length; length++)
      expect(takeApart(whole.subarray(0, length))).toEqual([whole.subarray(0, length)]);
  });

  test.each([
    ['without a table of keys', '1a 05 08 00 1a 01 78'],
    ['with an index outside of the table', '0a 01 61 1a 05 08 01 1a 01 78'],
    ['with a hash key outside of the table', '0a 01 61 1a 07 08 00 10 00 1a 01 78'],
    ['without data', '0a 01 61 1a 02 08 00'],
    ['without a key', '0a 01 61 1a 03 1a 01 78'],
    ['with a number where bytes should be', '0a 01 61 1a 04 08 00 18 01'],
    ['with a number for a record', '0a 01 61 18 01'],
    ['with a length beyond its end', '0a 01 61 1a 7f 08 00 1a 01 78'],
    ['with a length that has no end', '0a 01 61 1a ff ff ff ff ff ff ff ff ff ff 01'],
    ['with a group', '0a 01 61 1b 1c'],
    ['with a field of number 0', '0a 01 61 02 01 78'],
  ])('whose message is %s', (_, hex) => {
    const record = sealed(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
    expect(takeApart(record)).toEqual([record]);
  });

  test('or gives parts of itself that do not overlap, whatever its message is', () => {
    const mutated = fc
      .tuple(userRecords, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }))
      .map(([records, changes]) => {
        const message = messageOf(records);
        for (const [at, byte] of changes) if (message.length > 0) message[at % message.length] = byte;
        return sealed(message);
      });
    fc.assert(
      fc.property(fc.oneof(mutated, data.map(sealed)), (record) => {
        const parts = takeApart(record);
        let end = record.byteOffset;
        for (const part of parts) {
          expect(part.buffer).toBe(record.buffer);
          expect(part.byteOffset).toBeGreaterThanOrEqual(end);
          end = part.byteOffset + part.length;
        }
        expect(end).toBeLessThanOrEqual(record.byteOffset + record.length);
      }),
      { numRuns: 2_000 },
    );
  });
});
