import { parseArgs } from 'node:util';
import { datasets } from '#datasets';
import { createAlertBook } from '../../adapters/dynamodb/alerts-table.ts';
import { createProgress } from '../../cli/progress.ts';
import { UsageError } from '../../cli/usage-error.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { parseTimestamp } from '../../core/time/calendar.ts';
import { parseLocal } from '../../core/time/local-format.ts';
import { createReconcilePorts } from '../reconcile/reconcile-ports.ts';
import { arrivedOn } from '../shared/arrival.ts';
import { reach } from '../shared/clients.ts';
import { type DaySpan, datasetOption, daySpan, inSpan } from '../shared/options.ts';
import { listRawObjects, type RawObject } from '../shared/raw-objects.ts';
import type { Verb } from '../shared/verb.ts';
import { explainPage } from './explain-page.ts';
import { explainReading } from './explanation.ts';

/** `caudal explain <dataset> <sensorId> <timestamp> [--from DAY] [--to DAY] [--json]` */
export const explain: Verb = {
  name: 'explain',
  summary: 'follows one reading: its lines in the raw objects, rejected or stored and why, its day and month',
  help: [
    'Usage: npm run caudal -- explain <dataset> <sensorId> <timestamp> [options]',
    '',
    '  <timestamp>        2026-01-01T06:00:00Z, with an offset, or a day (its midnight in the time zone of the dataset)',
    '  --from, --to DAY   reads only raw objects that arrived on these UTC days; without them all are read, since a reading',
    '                     may arrive at any time',
    '  --json             for machines',
    '',
    'The exit code is 0 when the reading is stored and everything about it agrees, otherwise 1.',
    '',
    'Example: npm run caudal -- explain water-temperature aquasense 2023-11-29',
  ].join('\n'),

  async run(argv) {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        from: { type: 'string' },
        to: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const [name, sensorId, typed, ...others] = positionals;
    if (name === undefined || sensorId === undefined || typed === undefined || others.length > 0) {
      throw new UsageError('Name a dataset, a sensor and a time.');
    }
    const dataset = datasetOption(name, datasets);
    const sought = { dataset, sensorId, timestampMs: instantOf(typed, dataset), typed };
    const span = daySpan(values);
    const found = await reach();
    const line = createProgress();
    const ports = {
      ...createReconcilePorts(found.stores),
      alerts: createAlertBook(found.documents, found.installation.alertsTable),
      objects: () => arrivedIn(listRawObjects(found.s3, found.installation.rawBucket), span),
    };
    const explanation = await explainReading(ports, {
      sought,
      datasets,
      tell: (text) => line.update(() => text),
    });
    line.stop();
    console.log(
      values.json
        ? JSON.stringify({ ...explanation, sought: { ...sought, dataset: name } }, null, 2)
        : explainPage(explanation),
    );
    return explanation.stored !== undefined && explanation.faults.length === 0 ? 0 : 1;
  },
};

async function* arrivedIn(objects: AsyncIterable<RawObject>, span: DaySpan): AsyncGenerator<RawObject> {
  for await (const object of objects) if (inSpan(arrivedOn(object), span)) yield object;
}

function instantOf(text: string, dataset: Dataset): number {
  const instant = parseTimestamp(text) ?? parseLocal(text, 'yyyy-MM-dd', dataset.timeZone);
  if (instant !== undefined) return instant;
  throw new UsageError(`A time is written 2026-01-01T06:00:00Z, or as a day 2026-01-01, not "${text}".`);
}
