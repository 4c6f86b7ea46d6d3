import { datasets } from '#datasets';
import { createAlertBook } from '../../adapters/dynamodb/alerts-table.ts';
import { createRejectsReader } from '../../adapters/s3/rejects-files.ts';
import { createVersionLister } from '../../adapters/s3/segments.ts';
import { oneOf, sensorId, text } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { createProgress } from '../../cli/progress.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { mean, standardDeviation } from '../../core/statistics/statistics.ts';
import { type DaySpan, inSpan } from '../../core/time/day-span.ts';
import { arrivedOn, listRawObjects, type RawObject } from '../../handlers/operations/raw-objects.ts';
import { createReconcilePorts } from '../reconcile/reconcile-ports.ts';
import { openInstallation } from '../shared/open-installation.ts';
import { daySpan, daySpanOptions, jsonOption } from '../shared/options.ts';
import type { StoredStatistics } from '../shared/stored-statistics.ts';
import { explainPage } from './explain-page.ts';
import { explainReadings } from './explanation.ts';
import { instantOf } from './reading-occurrences.ts';

/** `caudal explain` */
export const explain = defineInstallationVerb({
  command: 'npm run caudal -- explain',
  summary: 'follows one reading: its lines in the raw objects, rejected or stored and why, its day and month',
  positionals: {
    dataset: oneOf(datasets, { help: 'whose reading it is', required: true }),
    'sensor-id': sensorId({ help: 'of which sensor; of events, of which entity', required: true }),
    timestamp: text({
      help: '2026-01-01T06:00:00Z, with an offset, or a day (its midnight in the time zone of the dataset)',
      required: true,
    }),
  },
  options: { ...daySpanOptions({ of: 'only raw objects that arrived', kind: 'UTC' }), ...jsonOption },
  notes: [
    'Of events there may be several of one entity and time: each is explained, and in JSON they are a list. A reading may arrive at any time, so without --from and --to it is looked for in all raw objects: those whose ledgers say that they may have it are read. The exit code is 0 when the reading is stored and everything about it agrees, otherwise 1.',
  ],
  examples: ['npm run caudal -- explain water-temperature aquasense 2023-11-29'],
  async run({ dataset, sensorId: series, timestamp: typed, json, ...given }) {
    const timestampMs = instantOf(typed, dataset);
    if (typeof timestampMs === 'string') throw new UsageError(timestampMs);
    const sought = { dataset, sensorId: series, timestampMs, typed };
    const span = daySpan(given);
    const found = await openInstallation();
    const { s3, documents, installation } = found;
    const progress = createProgress();
    const ports = {
      ...createReconcilePorts({ ...found, ...installation }),
      alerts: createAlertBook(documents, installation.alertsTable),
      rejects: createRejectsReader(s3, installation.curatedBucket),
      objects: () => arrivedIn(listRawObjects(createVersionLister(s3), installation.rawBucket), span),
    };
    const tell = (text: string) => progress.update(() => text);
    const explanations = await explainReadings(ports, { sought, datasets, tell });
    progress.stop();
    const shown = explanations.map((explanation) => ({
      ...explanation,
      sought: { ...sought, dataset: dataset.name },
      day: explanation.day && shownItem(explanation.day),
      month: explanation.month && shownItem(explanation.month),
    }));
    if (json) print(JSON.stringify(dataset.kind === 'events' ? shown : shown[0], null, 2));
    else print(explanations.map(explainPage).join('\n\n'));
    return explanations.every(({ stored, faults }) => stored !== undefined && faults.length === 0) ? 0 : 1;
  },
});

/** Stored statistics with what follows from their sums instead of these. */
function shownItem({ version, statistics }: StoredStatistics) {
  const measures = Object.entries(statistics.measures).map(([name, of]) => {
    const { sums: _, ...rest } = of;
    return [name, { ...rest, mean: mean(of), standardDeviation: standardDeviation(of) }];
  });
  return { version, statistics: { ...statistics, measures: Object.fromEntries(measures) } };
}

async function* arrivedIn(objects: AsyncIterable<RawObject>, span: DaySpan): AsyncGenerator<RawObject> {
  for await (const object of objects) if (inSpan(arrivedOn(object), span)) yield object;
}
