import { encodeReading } from '../../../core/dataset/reading.ts';
import type { Inspection } from '../../../core/inspect/inspect-file.ts';
import { spanOf } from './preview-report.ts';
import type { Trial } from './trial.ts';

/** What a file is, for machines. Without an answer to each question there are no readings. */
export function inspectReport(
  { definition, shipped, measures, unread, findings, questions }: Inspection,
  { file, trial }: { file: string; trial: Trial | undefined },
) {
  const { totals, rejected, dropped, sensors = [] } = trial?.preview ?? {};
  return {
    file,
    format: shipped?.format.name ?? 'text',
    definition,
    measures: measures.map(({ findings: _, ...measure }) => measure),
    ...{ unread, findings, questions },
    ...(totals && { lines: totals.lines, accepted: totals.valid }),
    ...(totals?.refusal && { refusal: totals.refusal }),
    readings: trial?.readings.map((reading) => JSON.parse(encodeReading(trial.dataset, reading))) ?? [],
    rejected: { byReason: totals?.rejected ?? {}, examples: rejected ?? [] },
    dropped: { byMeasure: totals?.dropped[definition.name] ?? {}, examples: dropped ?? [] },
    ...spanOf(sensors),
    sensors: sensors.map(({ sensorId, count }) => ({ sensorId, count })),
  };
}
