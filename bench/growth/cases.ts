import type { GrowthWorld, Measured, Spread } from './world.ts';

/** One line of the table: what was varied, by how much, and what a call took. */
export interface Row extends Measured {
  readonly function: 'ValidateSegment' | 'MergePartition' | 'query' | 'readings' | 'table' | 'year of days';
  /** What grows from row to row. */
  readonly grows: string;
  readonly size: number;
  /** Bytes that the call works on: the raw object, or the partition before the merge. */
  readonly inputBytes: number;
}

export interface Scale {
  /** The sizes that are tried, as factors. */
  readonly factors: readonly number[];
  /** Readings of the smallest object, and of the batch that is merged. */
  readonly readings: number;
  readonly sensors: number;
  /** Calls of each size; the median counts. */
  readonly turns: number;
}

/** ValidateSegment over objects with more readings, then with the same number of readings of more sensors and more days. */
export async function* validateRows(world: GrowthWorld, scale: Scale): AsyncGenerator<Row> {
  const { factors, readings, sensors } = scale;
  const most = readings * (factors.at(-1) ?? 1);
  const middle = readings * (factors[1] ?? 1);
  const series: { grows: string; spread(factor: number): Spread; size(factor: number): number }[] = [
    {
      grows: 'readings',
      size: (factor) => readings * factor,
      spread: (factor) => ({ readings: readings * factor, sensors, days: 1 }),
    },
    {
      grows: `sensors, of ${middle} readings`,
      size: (factor) => Math.min(sensors * factor, most),
      spread: (factor) => ({ readings: middle, sensors: sensors * factor, days: 1 }),
    },
    {
      grows: `days, of ${middle} readings`,
      size: (factor) => factor,
      spread: (factor) => ({ readings: middle, sensors, days: factor }),
    },
  ];
  for (const { grows, size, spread } of series) {
    for (const factor of factors) {
      const object = await world.upload(spread(factor));
      const measured = await medianOf(scale.turns, () => world.validate(object));
      yield {
        function: 'ValidateSegment',
        grows,
        size: size(factor),
        inputBytes: object.bytes,
        ...measured,
      };
    }
  }
}

/** So many, and the one that is merged, fit into a month that is begun within its first ten days. */
const daysOfAMonth = 20;

/** Days from 1 January 1990 that the cases begin at, a year apart, so that none meets another's partitions. */
const yearOf = (index: number): number => 366 * (index + 1);

/** MergePartition of a batch of one size into partitions and months that hold more and more. */
export async function* mergeRows(world: GrowthWorld, scale: Scale): AsyncGenerator<Row> {
  const { factors, readings, sensors, turns } = scale;
  let year = 0;
  const merged = async (grows: string, size: number, batch: (turn: number) => Spread): Promise<Row> => {
    let inputBytes = 0;
    let turn = 0;
    const measured = await medianOf(turns, async () => {
      turn += 1;
      const one = await world.ingest(batch(turn));
      inputBytes = one.usage.bytesRead;
      return one;
    });
    return { function: 'MergePartition', grows, size, inputBytes, ...measured };
  };
  for (const factor of factors) {
    const firstDay = yearOf(year++);
    await world.ingest({ readings: readings * factor, sensors, days: 1, firstDay });
    yield await merged("the partition's readings", readings * factor, (turn) => {
      return { readings, sensors, days: 1, firstDay, laterMs: 1_000 + turn };
    });
  }
  for (const factor of factors) {
    const firstDay = yearOf(year++);
    const all = sensors * factor;
    await world.ingest({ readings: Math.max(all, readings), sensors: all, days: 1, firstDay });
    yield await merged("the partition's sensors", all, (turn) => {
      return { readings, sensors, days: 1, firstDay, laterMs: 1_000 + turn };
    });
  }
  for (const days of new Set(factors.map((factor) => Math.min(factor, daysOfAMonth)))) {
    const firstDay = yearOf(year++); // 1 January of some year, nearly: the month is begun on its first days
    await world.ingest({ readings: sensors * days, sensors, days, firstDay });
    yield await merged('days of its own month', days, (turn) => {
      return { readings, sensors, days: 1, firstDay: firstDay + days, laterMs: 1_000 + turn };
    });
  }
  for (const factor of factors) {
    // A reading a month before the month that is merged into, and as many days apart.
    const firstDay = yearOf(year++);
    await world.ingest({ readings: sensors * factor, sensors, days: factor, dayStep: 3, firstDay });
    const next = firstDay + 3 * factor + 40;
    year += Math.ceil((3 * factor + 40) / 366);
    yield await merged('days of history before its month', factor, (turn) => {
      return { readings, sensors, days: 1, firstDay: next, laterMs: 1_000 + turn };
    });
  }
}

/** A sensor's month from the API, its readings of a day, its days of a year, and a month with a row a sensor, with more and more history, readings in the month, and sensors beside it. */
export async function* queryRows(world: GrowthWorld, scale: Scale): AsyncGenerator<Row> {
  const { factors, readings, sensors, turns } = scale;
  const path = (month: string, sensor: string) =>
    `/datasets/water-temperature/statistics?period=month&from=${month}&to=${month}&sensor=${sensor}`;
  const asked = async (grows: string, size: number, month: string, sensor = 'sensor-00000'): Promise<Row> => {
    const measured = await medianOf(turns, () => world.query(path(month, sensor)));
    const { answer, ...rest } = measured;
    if (answer.statistics?.length !== 1) throw new Error(`no statistics in ${month}`);
    return { function: 'query', grows, size, inputBytes: 0, ...rest };
  };
  const readingsOf = async (grows: string, size: number, of: string): Promise<Row> => {
    const query = `?sensor=sensor-00000&from=${of}&to=${of}`;
    const { answer, ...rest } = await medianOf(turns, () =>
      world.query(`/datasets/water-temperature/readings${query}`),
    );
    if (!answer.readings?.length) throw new Error(`no readings on ${of}`);
    return { function: 'readings', grows, size, inputBytes: 0, ...rest };
  };
  const rowsOf = async (as: 'table' | 'year of days', size: number, query: string): Promise<Row> => {
    const path = `/datasets/water-temperature/statistics?limit=1000&${query}`;
    const { answer, ...rest } = await medianOf(turns, () => world.query(path));
    if (!answer.statistics?.length) throw new Error(`no statistics for ${query}`);
    return { function: as, grows: 'months of history', size, inputBytes: 0, ...rest };
  };
  // After all that the merges have left behind.
  let day = yearOf(20);
  const dayOf = (index: number) =>
    new Date(Date.UTC(1990, 0, 1) + index * 86_400_000).toISOString().slice(0, 10);
  const monthOf = (index: number) => dayOf(index).slice(0, 7);
  for (const factor of factors) {
    await world.ingest({ readings: factor, sensors: 1, days: factor, dayStep: 31, firstDay: day });
    day += 31 * factor;
    yield await asked('months of history', factor, monthOf(day - 31));
    yield await readingsOf('months of history', factor, dayOf(day - 31));
    const [month, from, to] = [monthOf(day - 31), dayOf(day - 31), dayOf(day - 31 + 365)];
    yield await rowsOf('table', factor, `by=sensor&from=${month}&to=${month}`);
    yield await rowsOf('year of days', factor, `period=day&sensor=sensor-00000&from=${from}&to=${to}`);
  }
  for (const factor of factors) {
    day += 62;
    await world.ingest({ readings: readings * factor, sensors: 1, days: 1, firstDay: day });
    yield await asked('readings in the month', readings * factor, monthOf(day));
  }
  for (const factor of factors) {
    day += 62;
    await world.ingest({ readings: sensors * factor, sensors: sensors * factor, days: 1, firstDay: day });
    yield await asked('sensors in the dataset', sensors * factor, monthOf(day));
    yield await readingsOf('sensors in the partition', sensors * factor, dayOf(day));
  }
}

/** The call of median time out of some. */
async function medianOf<Call extends Measured>(turns: number, call: () => Promise<Call>): Promise<Call> {
  const calls: Call[] = [];
  for (let turn = 0; turn < turns; turn++) calls.push(await call());
  calls.sort((a, b) => a.ms - b.ms);
  return calls[Math.floor(calls.length / 2)] as Call; // turns is at least 1
}
