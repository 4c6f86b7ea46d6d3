import type { Api, Request } from '../../api/client.ts';
import type { Points } from './decimate.ts';

/** Readings of one sensor, as much of them as a chart needs. */
export interface Readings {
  readonly points: Points;
  /** Places of the contested ones. */
  readonly contested: readonly number[];
  /** Whether there are more than {@link maxReadings}, and the later ones are not here. */
  readonly cut: boolean;
}

/** More are not drawn: they would take more than 100 MB of the browser's memory while they arrive. */
export const maxReadings = 2_000_000;
/** Requests at the same time, of all sensors together: a browser opens six connections to a host. */
const atOnce = 6;
const pageRows = '10000';

interface Wanted {
  readonly dataset: string;
  readonly sensors: readonly string[];
  readonly measure: string;
  /** Days of the dataset's zone, both included. */
  readonly from: string;
  readonly to: string;
  /** When they begin and end, in seconds since 1970. */
  readonly beginSeconds: number;
  readonly endSeconds: number;
}

export const readingsRequest = (wanted: Wanted, sensor: string): Request => ({
  operation: 'listReadings',
  parameters: { dataset: wanted.dataset, sensor, from: wanted.from, to: wanted.to, limit: pageRows },
});

interface Slice {
  readonly sensor: string;
  readonly from: string;
  readonly to: string;
  readonly x: number[];
  readonly y: number[];
  readonly contested: number[];
}

/**
 * Fetches the readings of some sensors: the span is cut into slices, which are asked for side by side.
 * @param progress is told the share of the slices that is there, and how many readings
 */
export async function fetchReadings(
  api: Api,
  wanted: Wanted,
  signal: AbortSignal,
  progress: (share: number, readings: number) => void,
): Promise<ReadonlyMap<string, Readings>> {
  const slices = wanted.sensors.flatMap((sensor) => slicesOf(wanted, sensor));
  let readings = 0;
  let done = 0;
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < slices.length && readings < maxReadings) {
      const slice = slices[next++];
      if (slice === undefined) return;
      for await (const rows of pagesOf(api, wanted, slice, signal)) {
        readings += rows;
        progress(done / slices.length, readings);
        if (readings >= maxReadings) break;
      }
      progress(++done / slices.length, readings);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, slices.length) }, work));
  const cut = readings >= maxReadings;
  return new Map(
    wanted.sensors.map((sensor) => [
      sensor,
      joined(
        slices.filter((slice) => slice.sensor === sensor),
        cut,
      ),
    ]),
  );
}

/** Slices of whole days at least: a day is a file of its own behind the API. */
function slicesOf({ beginSeconds, endSeconds }: Wanted, sensor: string): Slice[] {
  const days = Math.max(1, Math.ceil((endSeconds - beginSeconds) / 86_400));
  const count = Math.min(48, days);
  const at = (index: number): number =>
    (beginSeconds + ((endSeconds - beginSeconds) * index) / count) * 1_000;
  return Array.from({ length: count }, (_, index) => ({
    sensor,
    from: new Date(Math.round(at(index))).toISOString(),
    to: new Date(Math.round(at(index + 1)) - 1).toISOString(), // both ends are included
    x: [],
    y: [],
    contested: [],
  }));
}

async function* pagesOf(
  api: Api,
  { dataset, measure }: Wanted,
  slice: Slice,
  signal: AbortSignal,
): AsyncGenerator<number> {
  const { sensor, from, to } = slice;
  let cursor: string | undefined;
  do {
    const page = await api.call(
      'listReadings',
      { dataset, sensor, from, to, limit: pageRows, cursor },
      { signal },
    );
    for (const reading of page.readings) {
      const value = reading[measure];
      if (reading.contested) slice.contested.push(slice.x.length);
      slice.x.push(Date.parse(reading.timestamp) / 1_000);
      slice.y.push(typeof value === 'number' ? value : Number.NaN);
    }
    yield page.readings.length;
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
}

function joined(slices: readonly Slice[], cut: boolean): Readings {
  const length = slices.reduce((sum, { x }) => sum + x.length, 0);
  const x = new Float64Array(length);
  const y = new Float64Array(length);
  const contested: number[] = [];
  let place = 0;
  for (const slice of slices) {
    x.set(slice.x, place);
    y.set(slice.y, place);
    for (const index of slice.contested) contested.push(place + index);
    place += slice.x.length;
  }
  return { points: { x, y, length }, contested, cut };
}
