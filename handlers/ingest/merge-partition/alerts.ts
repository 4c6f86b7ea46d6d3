import type { Dataset } from '../../../core/dataset/dataset.ts';
import { limitBroken } from '../../../core/statistics/alerts.ts';
import type { PageSeries } from '../../../core/statistics/page-bytes.ts';
import type { PeriodStatistics } from '../../../core/statistics/statistics.ts';
import { type Gate, mapBounded } from '../../../ports/concurrency.ts';
import type {
  AlertBook,
  AlertContent,
  AlertDay,
  AlertKey,
  AlertRevision,
  StoredAlert,
} from '../../../ports/records.ts';

/** Alerts of one partition that are created at once. */
const createdAtOnce = 32;

/** What has to be written so that a stored alert says what the readings say. */
export type AlertChange =
  | { kind: 'create'; key: AlertKey; content: AlertContent }
  | ({ kind: 'revise' } & Omit<AlertRevision, 'version'>);

/** The changes that the alerts of a partition's day need, of these series. */
export function alertChanges(
  dataset: Dataset,
  day: AlertDay,
  series: PageSeries,
  stored: readonly { readonly key: AlertKey; readonly alert: StoredAlert }[],
): AlertChange[] {
  const known = new Map(stored.map(({ key, alert }) => [nameOf(key), alert]));
  return [...series].flatMap(([sensorId, computed]) =>
    Object.keys(dataset.alerts).flatMap((rule) => {
      if (dataset.alerts[rule]?.noDataFor !== undefined) return []; // `watch-silence` tells of silence
      const key = { ...day, sensorId, rule };
      return alertChange(dataset, key, computed, known.get(nameOf(key))) ?? [];
    }),
  );
}

/** Of an alert within its day; rules have no `#`. */
const nameOf = ({ rule, sensorId }: AlertKey): string => `${rule}#${sensorId}`;

/** The change that one alert needs; `undefined` when it needs none. */
function alertChange(
  dataset: Dataset,
  key: AlertKey,
  computed: PeriodStatistics,
  stored: StoredAlert | undefined,
): AlertChange | undefined {
  const content = contentOf(dataset, key.rule, computed);
  // Of a day before the rule's first one nobody is told; what was raised before the rule had one is kept true.
  if (stored === undefined)
    return content && isTold(dataset, key) ? { kind: 'create', key, content } : undefined;
  if (content === undefined) {
    if (stored.content.withdrawn) return undefined;
    return {
      kind: 'revise',
      key,
      read: stored,
      content: { ...stored.content, withdrawn: true },
      reopen: false,
    };
  }
  if (sameContent(stored.content, content)) return undefined;
  // It was withdrawn before anybody was told, and holds again: now somebody has to be told.
  const reopen = stored.state === 'sent' && stored.sentAt === undefined;
  return { kind: 'revise', key, read: stored, content, reopen };
}

const isTold = (dataset: Dataset, { rule, day }: AlertKey): boolean =>
  day >= (dataset.alerts[rule]?.since ?? '');

function contentOf(dataset: Dataset, name: string, computed: PeriodStatistics): AlertContent | undefined {
  const rule = dataset.alerts[name];
  const found = computed.alerts[name];
  if (rule === undefined || found === undefined) return undefined;
  const threshold = limitBroken(rule, found.worst);
  if (threshold === undefined) return undefined; // what core calls a breach breaks a limit
  return { measure: rule.measure, threshold, ...found, withdrawn: false };
}

const sameContent = (a: AlertContent, b: AlertContent): boolean =>
  a.measure === b.measure &&
  a.threshold === b.threshold &&
  a.count === b.count &&
  a.worst === b.worst &&
  a.worstAt === b.worstAt &&
  a.withdrawn === b.withdrawn;

/** Writes changes as of a partition's version. `contended`: one of the alerts is not as it was read. */
export async function writeAlerts(
  { alerts, writes }: { alerts: AlertBook; writes: Gate },
  changes: readonly AlertChange[],
  { version, createdAt }: { version: number; createdAt: string },
): Promise<{ newAlerts: number; contended: boolean }> {
  const creations = changes.filter((change) => change.kind === 'create');
  const created = await mapBounded(creations, createdAtOnce, ({ key, content }) =>
    writes(() => alerts.create(key, { content, version, createdAt })),
  );
  const revisions = changes.filter((change) => change.kind === 'revise');
  const revised =
    revisions.length === 0
      ? []
      : await writes(() =>
          alerts.revise(revisions.map(({ kind, ...revision }) => ({ ...revision, version }))),
        );
  return {
    newAlerts: created.filter((outcome) => outcome === 'written').length,
    contended: created.includes('conflict') || revised.includes('conflict'),
  };
}
