import { describe, expect, it } from 'vitest';
import { billOf } from './bill.ts';
import { planOf } from './cost.ts';
import { observed, type Usage } from './observed.ts';
import { cutOf, cutOfStates, pageBytes } from './pages.ts';
import { quotasOf } from './quotas.ts';
import { planned } from './workload.ts';

const minute = 60_000;
const workloadOf = (typed: Parameters<typeof planOf>[0]) => planned(planOf(typed)).workload;
const billFor = (typed: Parameters<typeof planOf>[0]) => billOf(workloadOf(typed));

/** Of what is neither counted in a run (`counted.test.ts`) nor follows from a plan: nothing here tells how often AWS asks the key. */
const estimated = ['KMS, logs', 'storage'];

describe('a million readings', () => {
  it.each([
    { sensors: 200, fresh: minute, atMost: 2 },
    { sensors: 200, fresh: 5 * minute, atMost: 0.4 },
    { sensors: 200, fresh: 15 * minute, atMost: 0.14 },
    { sensors: 10_000, fresh: 5 * minute, atMost: 0.05 },
  ])(
    'of $sensors sensors, fresh to $fresh ms, cost at most $atMost dollars in requests',
    ({ atMost, ...plan }) => {
      const counted = billFor(plan).charges.filter(({ service }) => !estimated.includes(service));
      expect(
        counted.reduce((sum, { perMillionReadings }) => sum + perMillionReadings, 0),
      ).toBeLessThanOrEqual(atMost);
    },
  );

  it('of a million sensors, each 5 min, cost at most 1,000 dollars a month', () => {
    expect(billFor({ sensors: 1_000_000, every: 5 * minute }).perMonth).toBeLessThanOrEqual(1_000);
  });

  it('cost the sum of the services, as a month does', () => {
    const { charges, perMonth, perMillionReadings } = billFor({ sensors: 200, queries: 100 });
    const sum = (of: 'perMonth' | 'perMillionReadings') =>
      charges.reduce((total, charge) => total + charge[of], 0);
    expect(perMonth).toBeCloseTo(sum('perMonth'), 9);
    expect(perMillionReadings).toBeCloseTo(sum('perMillionReadings'), 9);
    expect(perMonth / perMillionReadings).toBeCloseTo(8.64, 9);
  });
});

describe('a plan', () => {
  it('costs more the fresher, the finer and the more asked it is', () => {
    const { perMonth } = billFor({ sensors: 1_000 });
    for (const dearer of [
      { sensors: 1_000, fresh: minute },
      { sensors: 1_000, measures: 4 },
      { sensors: 1_000, queries: 1_000 },
      { sensors: 1_000, people: 1 },
      { sensors: 1_000, linger: 1_000 },
      { sensors: 2_000 },
      { sensors: 1_000, every: minute / 2 },
    ])
      expect(billFor(dearer).perMonth, JSON.stringify(dearer)).toBeGreaterThan(perMonth);
  });

  it('has no execution without a reading', () => {
    const { executions, shape, newReadings } = workloadOf({
      sensors: 1,
      every: 86_400_000,
      fresh: minute,
    });
    expect(executions).toBeCloseTo(30, 6);
    expect(newReadings).toBeCloseTo(1, 6);
    expect(shape.dayPages).toBe(1);
  });

  it('gathers objects for the pipe where the buffer is full before its time', () => {
    const { workload, settings } = planned(planOf({ sensors: 1_000_000 }));
    expect(settings).toEqual({ bufferSeconds: 300, bufferMiB: 128, batchWindowSeconds: 300 });
    expect(workload.shape.objects).toBeGreaterThan(1);
    expect((30 * 86_400) / workload.executions).toBeLessThanOrEqual(330);
  });

  it('refuses a freshness that nothing gathers for, and shards without sensors', () => {
    expect(() => planOf({ sensors: 1, fresh: 500 })).toThrow('--fresh takes 1s to 15m');
    expect(() => planOf({ sensors: 1, fresh: 3_600_000 })).toThrow('--fresh takes 1s to 15m');
    expect(() => planOf({ sensors: 1, shards: 2 })).toThrow('--shards 2 is more than there are sensors');
  });
});

describe('people', () => {
  const of = (people: number) =>
    billFor({ sensors: 200, people }).charges.find(({ service }) => service === 'people, CloudFront');

  it('cost what Cognito asks for each, and what they look at', () => {
    expect(of(0)).toBeUndefined();
    expect(of(20)?.requests).toEqual({ people: 20, requests: 120_000 });
    expect(of(20)?.perMonth).toBeGreaterThan(20 * 0.015);
    expect(of(40)?.perMonth).toBeCloseTo(2 * (of(20)?.perMonth ?? 0), 9);
  });

  it('need no tokens of machines', () => {
    const { charges } = billFor({ sensors: 200, people: 5 });
    expect(charges.find(({ service }) => service === 'API, tokens')?.requests).toMatchObject({ tokens: 0 });
  });
});

describe('events', () => {
  it('cost more with projections, by more pages and no more transitions', () => {
    const [without, with1] = [0, 1].map((projections) =>
      workloadOf({ sensors: 200, every: 3_600_000, projections }),
    );
    const chargeOf = (workload: typeof without, service: string) =>
      billOf(workload as NonNullable<typeof without>).charges.find((charge) => charge.service === service)
        ?.perMonth ?? 0;
    expect(chargeOf(with1, 'DynamoDB')).toBeGreaterThan(1.3 * chargeOf(without, 'DynamoDB'));
    expect(chargeOf(with1, 'Step Functions')).toBe(chargeOf(without, 'Step Functions'));
    expect(chargeOf(with1, 'storage')).toBeGreaterThan(chargeOf(without, 'storage'));
  });

  it('that are decided cost by the command, whatever else comes', () => {
    const of = (commands: number) =>
      billFor({ sensors: 200, commands }).charges.find(({ service }) => service === 'streams');
    expect(of(0)).toBeUndefined();
    expect(of(1_000)?.requests).toEqual({ commands: 30_000, 'units written': 183_000, 'units read': 60_000 });
    expect(of(2_000)?.perMonth).toBeCloseTo(2 * (of(1_000)?.perMonth ?? 0), 9);
  });

  it('of states that grow have more pages, each of fewer entities', () => {
    const of = (events: number) => cutOfStates(1_000, { events, isMonth: false });
    expect(of(1)).toEqual(cutOf(1_000, 2));
    expect(of(1_000).pages).toBeGreaterThan(of(1).pages);
  });
});

describe('pages', () => {
  it.each([1, 256, 257, 5_000, 40_000])('of %i series are not full on average', (series) => {
    const { pages, depth, seriesOnPage } = cutOf(series, 2);
    expect(pages).toBe(2 ** depth);
    expect(seriesOnPage * pages).toBeCloseTo(series, 6);
    expect(seriesOnPage).toBeLessThanOrEqual(256);
  });

  it('of many measures hold fewer series, each with more bytes', () => {
    expect(cutOf(200, 20).pages).toBeGreaterThan(cutOf(200, 2).pages);
    const bytes = (measures: number) =>
      pageBytes({ seriesOnPage: 50 }, { measures, readings: 1_440, foldedFrom: 0 });
    expect(bytes(4)).toBeGreaterThan(1.8 * bytes(2));
  });
});

describe('quotas', () => {
  it('come with the one that is met first before the others, and what to do', () => {
    const quotas = quotasOf(workloadOf({ sensors: 1_000_000 }));
    const shares = quotas.map(({ share }) => share);
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
    for (const { used, value, share, remedy } of quotas) {
      expect(share).toBeCloseTo(used / value, 12);
      expect(remedy).not.toBe('');
    }
  });

  it('name records where nobody packs them', () => {
    const [first] = quotasOf(workloadOf({ sensors: 1_000_000, linger: 1, shards: 1_000 }));
    expect(first?.quota).toMatch(/Firehose/);
  });

  it('name the partition where a dataset has too few shards', () => {
    const [first] = quotasOf(workloadOf({ sensors: 1_000_000, shards: 10 }));
    expect(first).toMatchObject({
      quota: expect.stringMatching(/partition/),
      remedy: expect.stringMatching(/shards/),
    });
    expect(first?.share).toBeGreaterThan(1);
  });
});

describe('a day that was observed', () => {
  const plan = planned(planOf({ sensors: 200 })).workload;
  const usage: Usage = {
    ...{
      objects: 288,
      waiting: 0,
      lines: 288_000,
      valid: 288_000,
      streamedLines: 288_000,
      streamedObjects: 288,
    },
    series: [{ dataset: 'a', day: '2026-03-01', series: 200, measures: 2, shards: 1, projections: 0 }],
    commands: 0,
    executions: 288,
    sampled: { executions: 10, transitions: 9, objects: 1, children: 1, units: 1, partitions: 1 },
  };

  it('costs what the plan of the same costs, its records packed in full', () => {
    const [seen, meant] = [billOf(observed(usage) ?? plan), billOf(plan)];
    for (const [index, charge] of meant.charges.entries()) {
      if (charge.service === 'Firehose') continue;
      expect(seen.charges[index]?.perMonth, charge.service).toBeCloseTo(charge.perMonth, 1);
    }
  });

  it('costs nothing through Firehose where all of it was uploaded', () => {
    const uploaded = observed({ ...usage, streamedLines: 0, streamedObjects: 0 });
    expect(billOf(uploaded ?? plan).charges[0]).toMatchObject({ service: 'Firehose', perMonth: 0 });
  });

  it('of which nothing was ingested has no price', () => {
    expect(observed({ ...usage, valid: 0 })).toBeUndefined();
    expect(observed({ ...usage, series: [] })).toBeUndefined();
    expect(observed({ ...usage, executions: 0, sampled: undefined })).toBeUndefined();
  });
});
