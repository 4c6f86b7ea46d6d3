import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  batchLength,
  billedBytes,
  billingUnitBytes,
  maxBatchBytes,
  maxRecordBytes,
  type PackedRecord,
  packLines,
  RecordPacker,
} from './packing.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const linesOf = (record: PackedRecord) => decoder.decode(record.data).slice(0, -1).split('\n');
const bytesOf = (line: string) => Buffer.byteLength(line) + 1;

/** A line of about so many UTF-16 units, from 1 to beyond what a record holds, out of one or many alphabets. */
const sizes = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 400 }) },
  { weight: 3, arbitrary: fc.integer({ min: 4_000, max: 12_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 330_000, max: 1_030_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1_023_990, max: 1_024_010 }) },
);
const pieces = fc.constantFrom('a', '7"', 'é', 'ñ°C', '温度', '🌊', '\ud83c', 'aé温🌊');
const line = fc
  .tuple(sizes, pieces)
  .map(([size, piece]) => piece.repeat(Math.ceil(size / piece.length)).slice(0, size));
const input = fc.record({
  lines: fc.array(line, { maxLength: 60 }),
  recordKib: fc.integer({ min: 5, max: 1_000 }),
});
/** What encoding makes of half a surrogate pair: the replacement character. */
const encoded = (text: string) => text.toWellFormed();

describe('packing lines', () => {
  it('loses nothing, reorders nothing and keeps every limit, for any sizes and text', () => {
    fc.assert(
      fc.property(input, ({ lines, recordKib }) => {
        const { batches, tooLarge } = packLines(lines, { recordKib });
        const records = batches.flat();
        const skipped = new Set(tooLarge);
        expect(tooLarge).toEqual(
          [...lines.keys()].filter((index) => bytesOf(lines[index] ?? '') > maxRecordBytes),
        );
        const kept = lines.filter((_, index) => !skipped.has(index)).map(encoded);
        expect(records.flatMap(linesOf)).toEqual(kept);
        const target = Math.floor(recordKib / 5) * billingUnitBytes;
        for (const record of records) {
          expect(record.lines).toBe(linesOf(record).length);
          expect(record.data.at(-1)).toBe(10);
          expect(record.data.length).toBeLessThanOrEqual(record.lines === 1 ? maxRecordBytes : target);
        }
        for (const batch of batches) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(500);
          expect(batch.reduce((sum, { data }) => sum + data.length, 0)).toBeLessThanOrEqual(maxBatchBytes);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('fills records: no two neighbours would have fitted in one', () => {
    fc.assert(
      fc.property(input, ({ lines, recordKib }) => {
        const target = Math.floor(recordKib / 5) * billingUnitBytes;
        const { batches } = packLines(lines, { recordKib });
        const records = batches.flat();
        for (const [index, record] of records.slice(0, -1).entries()) {
          const [next = ''] = linesOf(records[index + 1] as PackedRecord);
          expect(record.data.length + bytesOf(next)).toBeGreaterThan(target);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('bills ordinary readings less than 2% over their bytes', () => {
    const lines = Array.from({ length: 50_000 }, (_, index) =>
      JSON.stringify({ sensorId: `s-${index}`, temperature: 17 }),
    );
    const records = packLines(lines).batches.flat();
    const bytes = lines.reduce((sum, text) => sum + bytesOf(text), 0);
    const billed = records.reduce((sum, { data }) => sum + billedBytes(data.length), 0);
    expect(billed / bytes).toBeLessThan(1.02);
  });

  it('reaches a record size to the byte and never passes it', () => {
    const sizesOf = (...lengths: number[]) =>
      packLines(
        lengths.map((length) => 'x'.repeat(length - 1)),
        { recordKib: 5 },
      )
        .batches.flat()
        .map(({ data }) => data.length);
    expect(sizesOf(2_560, 2_560, 1)).toEqual([5_120, 1]);
    expect(sizesOf(2_560, 2_561)).toEqual([2_560, 2_561]);
    expect(sizesOf(maxRecordBytes)).toEqual([maxRecordBytes]);
    expect(packLines(['x'.repeat(maxRecordBytes)])).toEqual({ batches: [], tooLarge: [0] });
  });

  it('refuses a record size that Firehose or its bill have no use for', () => {
    for (const recordKib of [0, 4.9, 1_001, Number.NaN]) {
      expect(() => new RecordPacker({ recordKib })).toThrow(RangeError);
    }
  });
});

describe('cutting lines that have waited long enough', () => {
  const cutsAndRest = (lines: readonly string[]) => {
    const packer = new RecordPacker();
    for (const text of lines) packer.add(text);
    const cut = packer.cut();
    return { cut, rest: packer.flush() };
  };

  it('keeps back what would be billed for a unit that it does not fill', () => {
    // 70 lines of 101 bytes: 50 of them fill 5,050 of the first 5,120 bytes.
    const { cut, rest } = cutsAndRest(Array.from({ length: 70 }, () => 'x'.repeat(100)));
    expect([cut?.lines, rest?.lines]).toEqual([50, 20]);
  });

  it('ends at exactly a multiple of 5 KiB where a line does', () => {
    const { cut, rest } = cutsAndRest(['x'.repeat(5_119), 'y']);
    expect([cut?.data.length, rest?.lines]).toEqual([5_120, 1]);
  });

  it('never costs more than sending all at once, always sends the oldest line, and loses none', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 40 }),
        (lengths) => {
          const packer = new RecordPacker({ recordKib: 1_000 });
          for (const length of lengths) packer.add('x'.repeat(length));
          const all = billedBytes(packer.bytes);
          const cut = packer.cut() as PackedRecord;
          const rest = packer.flush();
          expect(cut.lines).toBeGreaterThan(0);
          expect(billedBytes(cut.data.length) + billedBytes(rest?.data.length ?? 0)).toBeLessThanOrEqual(all);
          const seen = [cut, ...(rest ? [rest] : [])].flatMap(linesOf).map((text) => text.length);
          expect(seen).toEqual(lengths);
        },
      ),
    );
  });
});

describe('batches', () => {
  const record = (bytes: number): PackedRecord => ({ data: new Uint8Array(bytes), lines: 1 });

  it('end at 500 records', () => {
    const records = Array.from({ length: 501 }, () => record(1));
    expect([batchLength(records), batchLength(records, 500)]).toEqual([500, 1]);
  });

  it('end at 4 MiB, which they may reach', () => {
    const records = Array.from({ length: 5 }, () => record(maxBatchBytes / 4));
    expect([batchLength(records), batchLength(records, 4)]).toEqual([4, 1]);
    expect(batchLength([...records.slice(0, 4), record(1)])).toBe(4);
  });
});
