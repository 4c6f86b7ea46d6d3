import type { AlertContent, AlertKey, StoredAlert } from '../../ports/records.ts';
import type { Item, ItemKey } from './batch.ts';
import { seriesKey } from './statistics-item.ts';

/** Alerts as items: `pk` is the series, `sk` the day and the rule. */

export const alertKey = ({ dataset, sensorId, day, rule }: AlertKey): ItemKey => ({
  pk: seriesKey(dataset, sensorId),
  sk: `${day}#${rule}`,
});

/** Names of datasets and rules have no `#`, sensor ids neither: the first one parts. */
export function alertKeyOf({ pk, sk }: ItemKey): AlertKey {
  const [dataset = '', sensorId = ''] = pk.split('#');
  const [day = '', rule = ''] = sk.split('#');
  return { dataset, sensorId, day, rule };
}

/** Partition key of the index `by-day`. */
const datasetMonth = ({ dataset, day }: AlertKey): string => `${dataset}#${day.slice(0, 7)}`;

export function toAlertItem(key: AlertKey, content: AlertContent, version: number, createdAt: string): Item {
  return {
    ...alertKey(key),
    ...key,
    ...contentAttributes(content),
    datasetMonth: datasetMonth(key),
    version,
    createdAt,
    state: 'pending',
    pending: '1',
  };
}

/** The attributes that a revision overwrites. */
export const contentAttributes = (content: AlertContent): Item => ({
  ...content,
  worst: String(content.worst),
});

export function fromAlertItem(item: Item): StoredAlert {
  const alert: StoredAlert = {
    content: {
      measure: String(item.measure),
      threshold: Number(item.threshold),
      count: Number(item.count),
      worst: Number(item.worst),
      worstAt: Number(item.worstAt),
      withdrawn: item.withdrawn === true,
    },
    version: Number(item.version),
    state: item.state === 'pending' ? 'pending' : 'sent',
  };
  if (item.sentAt !== undefined) alert.sentAt = String(item.sentAt);
  return alert;
}
