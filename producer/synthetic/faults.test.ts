import { describe, expect, it } from 'vitest';
import { datasets } from '#datasets';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { parseNdjsonLine } from '../../core/lines/json/ndjson.ts';
import salonBookings from '../../datasets/salon-bookings.ts';
import waterTemperature from '../../datasets/water-temperature.ts';
import { type FaultRates, Faults, invalidLine, type Outgoing } from './faults.ts';
import { Random } from './random.ts';
import { syntheticReadings } from './synthetic-readings.ts';

const none: FaultRates = { duplicates: 0, late: 0, corrections: 0, invalid: 0, shuffle: false };
const options = { seed: 1, sensors: 5, startMs: Date.UTC(2024, 0, 1), everyMs: 60_000 };

function lines(
  rates: Partial<FaultRates>,
  { count = 20_000, seed = 1, dataset = waterTemperature } = {},
): Outgoing[] {
  const faults = new Faults({ ...none, ...rates }, seed);
  const out: Outgoing[] = [];
  const emit = (outgoing: Outgoing) => out.push(outgoing);
  for (const reading of syntheticReadings({ ...options, dataset }).take(count)) {
    faults.push({ kind: 'reading', dataset, reading }, emit);
  }
  faults.end(emit);
  return out;
}

const parse = (dataset: Dataset, line: string) =>
  parseNdjsonLine(
    line,
    true,
    { dataset: undefined, sensorId: undefined, arrivedMs: Date.now(), isStored: true },
    [dataset],
  );
const share = (found: Outgoing[], kind: Outgoing['kind']) =>
  found.filter((outgoing) => outgoing.kind === kind).length / 20_000;

describe('faults on purpose', () => {
  it('are none where none are asked for', () => {
    const clean = lines({});
    expect(clean.map(({ kind }) => kind)).toEqual(Array.from({ length: 20_000 }, () => 'reading'));
  });

  it('come at their rates', () => {
    const found = lines({ duplicates: 0.02, late: 0.03, corrections: 0.01, invalid: 0.04 });
    expect(share(found, 'duplicate')).toBeCloseTo(0.02 * 0.96, 2);
    expect(share(found, 'late')).toBeCloseTo(0.03 * 0.96, 2);
    expect(share(found, 'correction')).toBeCloseTo(0.01 * 0.96, 2);
    expect(share(found, 'invalid')).toBeCloseTo(0.04, 2);
  });

  it('are the same for the same seed', () => {
    const rates = { duplicates: 0.05, late: 0.05, corrections: 0.05, invalid: 0.05, shuffle: true };
    const text = (seed: number) => lines(rates, { seed, count: 8_000 }).map(({ line }) => line);
    expect(text(3)).toEqual(text(3));
    expect(text(3)).not.toEqual(text(4));
  });

  it('repeat a line to the byte, after it', () => {
    const seen = new Set<string>();
    for (const { line, kind } of lines({ duplicates: 0.1 })) {
      expect(seen.has(line)).toBe(kind === 'duplicate');
      seen.add(line);
    }
  });

  it('make readings late by up to 60 days', () => {
    const onTime = lines({}).map(({ reading }) => reading?.timestampMs ?? 0);
    const delays = lines({ late: 0.1 }).flatMap(({ kind, reading }, index) =>
      kind === 'late' ? [(onTime[index] ?? 0) - (reading?.timestampMs ?? 0)] : [],
    );
    expect(Math.min(...delays)).toBeGreaterThan(0);
    expect(Math.max(...delays)).toBeLessThanOrEqual(60 * 86_400_000);
    expect(Math.max(...delays)).toBeGreaterThan(40 * 86_400_000);
  });

  it('send late events after others, each once and at its own time', () => {
    const clean = lines({}, { dataset: salonBookings }).map(({ line }) => line);
    const found = lines({ late: 0.1 }, { dataset: salonBookings });
    expect(share(found, 'late')).toBeCloseTo(0.1, 1);
    expect(found.map(({ line }) => line).sort()).toEqual([...clean].sort());
    const places = new Map(clean.map((line, index) => [line, index]));
    const onTime = found.flatMap(({ kind, line }) => (kind === 'reading' ? [places.get(line)] : []));
    expect(onTime).toEqual(onTime.toSorted((a, b) => Number(a) - Number(b)));
    const behind = found.flatMap(({ kind, line }, index) =>
      kind === 'late' ? [index - (places.get(line) ?? Number.NaN)] : [],
    );
    expect(Math.max(...behind)).toBeGreaterThan(1_000);
    expect(Math.max(...behind)).toBeLessThanOrEqual(5_001);
  });

  it('repeat and correct a late event after it was sent', () => {
    const seen = new Set<string>();
    const rates = { late: 0.2, duplicates: 0.2, corrections: 0.1 };
    for (const { line, kind } of lines(rates, { dataset: salonBookings })) {
      if (kind === 'duplicate') expect(seen).toContain(line);
      seen.add(line);
    }
  });

  it('correct a reading under its identity with a higher revision', () => {
    const found = lines({ corrections: 0.05 });
    const originals = new Set(
      found.filter(({ kind }) => kind === 'reading').map(({ reading }) => identity(reading)),
    );
    const corrections = found.filter(({ kind }) => kind === 'correction');
    expect(corrections.length).toBeGreaterThan(500);
    for (const { reading, dataset, line } of corrections) {
      expect(originals.has(identity(reading))).toBe(true);
      expect(reading?.revision).toBe(1);
      expect(parse(dataset, line)).toMatchObject({ kind: 'reading', reading });
    }
  });

  it('shuffle without losing a line', () => {
    const [straight, shuffled] = [lines({}), lines({ shuffle: true })].map((found) =>
      found.map(({ line }) => line),
    );
    expect(shuffled).not.toEqual(straight);
    expect(shuffled?.toSorted()).toEqual(straight?.toSorted());
  });
});

describe('invalid lines', () => {
  it.each(datasets.map((dataset) => [dataset.name, dataset] as const))(
    'of %s are all rejected, for many reasons',
    (_, dataset) => {
      const random = new Random('invalid', dataset.name);
      const reasons = new Set<string>();
      for (const reading of syntheticReadings({ ...options, dataset }).take(2_000)) {
        const outcome = parse(dataset, invalidLine(dataset, reading, random));
        expect(outcome.kind).toBe('rejected');
        if (outcome.kind === 'rejected') reasons.add(outcome.reason);
      }
      const expected = [
        'missing-field',
        'wrong-type',
        'out-of-range',
        'invalid-timestamp',
        'invalid-sensor-id',
        'not-json',
      ];
      expect([...reasons].sort()).toEqual(
        [...expected, ...(dataset.missing.length > 0 ? ['missing'] : [])].sort(),
      );
    },
  );
});

const identity = (reading: Outgoing['reading']) => `${reading?.sensorId} ${reading?.timestampMs}`;
