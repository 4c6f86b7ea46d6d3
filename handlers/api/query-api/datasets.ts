import type { Dataset } from '../../../core/dataset/dataset.ts';
import { readingSchema } from '../contract/reading-schema.ts';
import type { AnswerOf } from '../contract/routes.ts';

/** `GET /datasets` */
export function listDatasets(datasets: readonly Dataset[]): AnswerOf<'listDatasets'> {
  return { datasets: datasets.map(summary) };
}

/** `GET /datasets/{dataset}` */
export function getDataset(dataset: Dataset): AnswerOf<'getDataset'> {
  return {
    ...summary(dataset),
    shards: dataset.shards,
    ...(dataset.kind === 'events' ? eventMembers(dataset) : {}),
    attributes: mapValues(dataset.declared, ({ optional, ...attribute }) => {
      const { values, ...of } = { values: undefined, ...attribute };
      return { ...of, ...(values && { values: [...values] }), optional: optional ?? false };
    }),
    missing: [...dataset.missing, ...dataset.missingWords],
    alerts: { ...dataset.alerts },
    ...(dataset.expectedEvery === undefined ? {} : { expectedEvery: dataset.expectedEvery }),
    ...(dataset.csv === undefined ? {} : { csv: { ...dataset.csv } }),
    formats: (dataset.formats ?? []).map((format) => ({ ...format })),
    reading: readingSchema(dataset),
  };
}

const eventMembers = ({ at = '', identity = [], sequence, filledBy, projections }: Dataset) => ({
  ...{ at, identity: [...identity] },
  ...(sequence === undefined ? {} : { sequence }),
  projections: mapValues(projections, ({ summary, months }) => ({ summary, months })),
  ...(filledBy === undefined ? {} : { filledBy }),
});

function summary({ name, kind, entity, timeZone, generation, measures }: Dataset) {
  const measured = Object.entries(measures).filter(([, { type }]) => type === undefined);
  return {
    ...{ name, kind, timeZone, generation },
    ...(entity === undefined ? {} : { entity }),
    measures: mapValues(Object.fromEntries(measured), ({ unit, min, max, optional }) => ({
      unit,
      min,
      max,
      optional: optional ?? false,
    })),
  };
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
