import type { LocalCloud } from '../../local/engine/cloud.ts';

const minuteMs = 60_000;

/** Metrics that tell the local cloud's own services or Caudal's functions, by the alarms that read them. */
export type CloudAlarm = ReturnType<LocalCloud['services']['cloudwatch']['alarms']>[number]['alarm'];

/** Records, for each metric of an alarm, a value beyond any threshold in each of its periods. */
export function recordAbove(cloud: LocalCloud, { of }: CloudAlarm, nowMs: number): void {
  if (of.kind === 'composite') return;
  const { queries, periods, periodSeconds, threshold } = of.watch;
  for (const { of: query } of queries) {
    if (query.kind !== 'metric') continue;
    for (let period = 0; period < periods; period++) {
      const atMs = nowMs - period * periodSeconds * 1_000 - (period === 0 ? 0 : minuteMs);
      cloud.services.cloudwatch.record({ ...query.metric, value: threshold * 2 + 1, atMs });
    }
  }
}
