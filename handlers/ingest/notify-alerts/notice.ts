import type { AlertContent, AlertKey, Notice } from '../../../ports/records.ts';

/** What subscribers tell alerts apart by: delivery is at least once, and this key the same each time. */
export const noticeKey = ({ dataset, sensorId, day, rule }: AlertKey): string =>
  `${dataset}#${sensorId}#${day}#${rule}`;

/** The message for one alert. Values are in the measure's unit, `worstAt` is UTC. */
export function noticeOf(key: AlertKey, { measure, threshold, count, worst, worstAt }: AlertContent): Notice {
  const { dataset, sensorId, day, rule } = key;
  return {
    subject: `Caudal: ${rule} at ${sensorId} (${dataset}) on ${day}`,
    message: JSON.stringify({
      key: noticeKey(key),
      dataset,
      sensorId,
      day,
      rule,
      measure,
      threshold,
      count,
      worst,
      worstAt: new Date(worstAt).toISOString(),
    }),
    attributes: { dataset, rule },
  };
}
