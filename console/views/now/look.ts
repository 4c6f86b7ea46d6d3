import type { Api, Request } from '../../api/client.ts';
import { exactly } from '../../parts/sensor-ids.ts';
import { addDays, silenceOf } from '../../parts/time.ts';
import { perMinute } from './rate.ts';

const shownDays = 30;
/** Of more readings the hours of a day are not computed each time that somebody looks. */
const mostForHours = 100_000;

/** What there is to say of a dataset now: of its last twelve months with readings, and of the last thirty days of them. */
export async function lookAt(api: Api, dataset: string, signal: AbortSignal) {
  const ofSensors = { dataset, limit: '1000' } as const;
  const [definition, listed] = await Promise.all([
    api.call('getDataset', { dataset }, { signal }),
    api.call('listSensors', ofSensors, { signal }),
  ]);
  const { sensors } = listed;
  const newestDay = sensors
    .flatMap(({ lastDay }) => lastDay ?? [])
    .sort()
    .at(-1);
  const measure = Object.keys(definition.measures)[0] ?? '';
  const silentDays = silenceOf(definition.expectedEvery);
  const alertsFrom = newestDay === undefined ? undefined : addDays(newestDay, 1 - shownDays);
  const span = newestDay && alertsFrom ? { from: alertsFrom, to: newestDay } : undefined;
  const ofDays = span && ({ dataset, period: 'day', ...span, limit: '100' } as const);
  const ofAlerts = span && { dataset, ...span, limit: '1000' };
  const [days, alerts] = await Promise.all([
    ofDays && api.call('queryStatistics', ofDays, { signal }),
    ofAlerts && api.call('listAlerts', ofAlerts, { signal }),
  ]);
  const rows = new Map(days?.statistics.map((row) => [row.period, row]));
  const ofNewest = newestDay === undefined ? 0 : (rows.get(newestDay)?.count ?? 0);
  const ofHours =
    newestDay !== undefined && ofNewest > 0 && ofNewest <= mostForHours
      ? ({ dataset, period: 'hour', from: newestDay, to: newestDay, limit: '100' } as const)
      : undefined;
  const hours = ofHours && (await api.call('queryStatistics', ofHours, { signal }));
  const requests: Request[] = [
    { operation: 'listSensors', parameters: ofSensors },
    ...(ofDays ? [{ operation: 'queryStatistics', parameters: ofDays } as const] : []),
    ...(ofAlerts ? [{ operation: 'listAlerts', parameters: ofAlerts } as const] : []),
    ...(ofHours ? [{ operation: 'queryStatistics', parameters: ofHours } as const] : []),
  ];
  return {
    /** What has answered. */
    requests,
    kind: definition.kind,
    newestDay,
    /** `13:00`, by the clock of the dataset; `undefined` where there are too many readings to look. */
    newestHour: hours?.statistics.at(-1)?.period.slice(11, 16),
    perMinute:
      newestDay === undefined
        ? 0
        : perMinute(ofNewest, { day: newestDay, timeZone: definition.timeZone, nowMs: Date.now() }),
    measure,
    silentDays,
    alertsFrom,
    sensors: sensors.length,
    moreSensors: listed.cursor !== null,
    silent: sensors.filter((sensor) => (sensor.silentDays ?? 0) >= silentDays).length,
    readings: days?.statistics.reduce((sum, row) => sum + row.count, 0) ?? 0,
    contested: days?.statistics.reduce((sum, row) => sum + row.contested, 0) ?? 0,
    alerts: alerts?.alerts.filter(({ state }) => state !== 'withdrawn').length ?? 0,
    moreAlerts: (alerts?.cursor ?? null) !== null,
    days: span
      ? Array.from({ length: shownDays }, (_, day) => {
          const row = rows.get(addDays(span.from, day));
          return measure === '' ? row?.count : row?.measures[measure]?.mean; // events have no measure: they are counted
        })
      : [],
  };
}

const newestJobs = 20;

/** The newest ingestions: what they took in, and what they did not. */
export async function lookAtIngestions(api: Api, signal: AbortSignal) {
  const newest = { kind: 'ingest', limit: String(newestJobs) } as const;
  const { jobs } = await api.call('listJobs', newest, { signal });
  const details = await Promise.all(jobs.map(({ jobId }) => api.call('getJob', { jobId }, { signal })));
  const sum = (of: (job: (typeof details)[number]) => number | undefined): number =>
    details.reduce((total, job) => total + (of(job) ?? 0), 0);
  const requests: Request[] = [
    { operation: 'listJobs', parameters: newest },
    ...jobs.map(({ jobId }) => ({ operation: 'getJob', parameters: { jobId } }) as const),
  ];
  return {
    /** What has answered. */
    requests,
    jobs: jobs.length,
    running: details.filter(({ state }) => state === 'Pending' || state === 'Processing').length,
    failed: details.filter(({ state }) => state === 'Failed').length,
    lines: sum(({ lines }) => lines?.total),
    rejected: sum(({ lines }) => lines?.rejected),
    refused: sum(({ refused }) => refused),
    newestAt: jobs[0]?.createdAt,
  };
}

/** The last readings of a sensor. */
export async function lookAtFavourite(
  api: Api,
  { dataset, sensor }: { dataset: string; sensor: string },
  signal: AbortSignal,
) {
  const [definition, listed] = await Promise.all([
    api.call('getDataset', { dataset }, { signal }),
    api.call('listSensors', { dataset, sensor: exactly(sensor), limit: '1' }, { signal }),
  ]);
  const measure = Object.keys(definition.measures)[0] ?? '';
  const day = listed.sensors[0]?.lastDay ?? undefined;
  const ofReadings =
    day === undefined
      ? undefined
      : ({ dataset, sensor, from: addDays(day, -7), to: day, order: 'newest', limit: '100' } as const);
  const about = { unit: definition.measures[measure]?.unit ?? '', timeZone: definition.timeZone, day };
  if (ofReadings === undefined)
    return { ...about, measure, latest: undefined, at: undefined, values: [], requests: [] };
  const answer = await api.call('listReadings', ofReadings, { signal });
  const requests: Request[] = [{ operation: 'listReadings', parameters: ofReadings }];
  const values = answer.readings
    .map((reading) => (typeof reading[measure] === 'number' ? (reading[measure] as number) : undefined))
    .reverse();
  return { ...about, measure, latest: values.at(-1), at: answer.readings[0]?.timestamp, values, requests };
}
