import { defineDataset } from '../../core/dataset/dataset.ts';
import type { Answers } from '../../core/inspect/finding.ts';
import { type Inspection, inspectFile } from '../../core/inspect/inspect-file.ts';
import { shippedFormats } from '../../formats/index.ts';
import { shippedJsonFormats } from '../../formats/json/index.ts';
import { parseBytes } from './parse-bytes.ts';

const shipped = { text: shippedFormats, json: shippedJsonFormats };

/** What is found out about a file. @throws when nothing is */
export function inspected(file: string, bytes: Uint8Array | string, answers: Answers = {}): Inspection {
  const start = { bytes: Buffer.from(bytes), isWhole: true, name: file };
  const found = inspectFile(start, { name: 'inspected', answers, shipped });
  if ('fault' in found) throw new Error(found.fault);
  return found;
}

/** What becomes of a file by the dataset that is made for it: each reading as its time, sensor and values, and the reasons of rejected lines. */
export async function readAsInspected(file: string, bytes: Uint8Array | string, answers: Answers = {}) {
  const found = inspected(file, bytes, answers);
  const dataset = defineDataset(found.definition);
  const { outcomes, totals } = await parseBytes(bytes, {
    key: `landing/inspected/${file}`,
    known: [dataset],
  });
  return {
    ...{ found, dataset, totals },
    readings: outcomes.flatMap(({ reading }) =>
      reading ? [[new Date(reading.timestampMs).toISOString(), reading.sensorId, ...reading.values]] : [],
    ),
    rejected: outcomes.flatMap(({ reason }) => reason ?? []),
  };
}
