import * as z from 'zod/mini';
import { type Dataset, filledFault } from '../../../core/dataset/dataset.ts';
import { acceptedSensorId, canonicalSensorId, maxSensorIdBytes } from '../../../core/dataset/sensor-id.ts';
import { acceptedSelection, readSelection } from '../../../core/dataset/sensor-selection.ts';
import { tagPattern } from '../../../core/dataset/stations.ts';
import type { Problem } from '../http/problem.ts';

/**
 * What the parameters and answers of several subjects have in common. The schemas of parameters validate, type the code and
 * describe the parameters in the OpenAPI document: a description says what is accepted, and errors quote it. The schemas of
 * answers type the code and describe the answers; tests check real answers against them.
 */

export const about = (description: string) => z.meta({ description });

/** The description of a parameter, with an example for the document. */
export const described = (description: string, example: string | number) =>
  z.meta({ description, examples: [example] });

/** The parameters of a route that has none. */
export const nothing = z.strictObject({});

/** A decimal integer in a query string. */
export const integer = (min: number, max: number) =>
  z.pipe(
    z.pipe(z.string().check(z.regex(/^\d{1,9}$/)), z.transform(Number)),
    z.int().check(z.gte(min), z.lte(max)),
  );

export const dataset = z
  .string()
  .check(
    z.regex(/^[a-z][a-z0-9-]{0,62}$/),
    described('name of a dataset, as /datasets lists them', 'water-temperature'),
  );

/** The dataset that the parameter names. `not-found` with the names that are known. */
export function datasetNamed(datasets: readonly Dataset[], name: string): Dataset | Problem {
  const found = datasets.find((candidate) => candidate.name === name);
  if (found) return found;
  const accepted = datasets.map((candidate) => candidate.name);
  const detail = `unknown dataset ${JSON.stringify(name)}; accepted: ${accepted.join(', ')}`;
  return { problem: 'not-found', detail, parameter: 'dataset', accepted };
}

/** As {@link datasetNamed}, of one to which a client may send lines. `filled-by-streams` where only streams do. */
export function datasetToSend(datasets: readonly Dataset[], name: string): Dataset | Problem {
  const found = datasetNamed(datasets, name);
  const fault = 'problem' in found ? undefined : filledFault(found);
  return fault === undefined ? found : { problem: 'filled-by-streams', detail: fault, parameter: 'dataset' };
}

/** Its value is the canonical id. */
export const sensor = z.pipe(
  z.pipe(
    z.string(),
    z.transform((text) => canonicalSensorId(text) ?? null),
  ),
  z
    .string()
    .check(
      z.minLength(1),
      z.maxLength(maxSensorIdBytes),
      described(`id of a sensor: ${acceptedSensorId}`, 'aquasense'),
    ),
);

/** Of several series. Read by the endpoint, as `core/dataset/sensor-selection.ts` has it. */
export const sensors = z
  .optional(
    z.string().check(
      z.minLength(1),
      z.refine((text) => readSelection(text) !== undefined),
      about(acceptedSelection),
    ),
  )
  .check(described(acceptedSelection, 'aquasense'));

export const tag = z
  .optional(
    z.string().check(
      z.maxLength(1_000),
      z.refine((text) => text.split(',').every((name) => tagPattern.test(name))),
    ),
  )
  .check(
    described(
      'tags of stations with commas between them: the sensors whose station has all of them',
      'coast',
    ),
  );

export const limit = z
  ._default(integer(1, 1000), 100)
  .check(described('how many rows a page has at most, 1 to 1000', 100));

export const cursor = z
  .optional(z.string().check(z.regex(/^[A-Za-z0-9_-]{1,512}$/)))
  .check(about('the cursor of the previous page, unchanged, with the same other parameters'));

export const nextCursor = z
  .nullable(z.string())
  .check(about('for the next page: the same request with this `cursor`; null on the last page'));

export const instant = z.iso.datetime({ precision: 3 }).check(about('UTC, with milliseconds'));

export const jobState = z.enum(['Pending', 'Processing', 'Completed', 'Failed']);

/** What a dataset of events says beside what all datasets say. */
export const ofEvents = {
  at: z.optional(z.string()).check(about('of events: the field of when they happened')),
  identity: z
    .optional(z.array(z.string()))
    .check(about('of events: the attributes that tell those of one entity and time apart')),
  sequence: z
    .optional(z.string())
    .check(
      about(
        'of events: the attribute by which those of one entity and time are in order: by its number, or by the place of its text in the list',
      ),
    ),
  projections: z
    .optional(z.record(z.string(), z.strictObject({ summary: z.string(), months: z.int() })))
    .check(
      about('of events: what they come to, by name, and of how many local months events are in an answer'),
    ),
  filledBy: z
    .optional(z.enum(['streams']))
    .check(about('of events: streams, where these decide them and no client sends lines of the dataset')),
};

/** Attributes as they are declared: a text has a length; of events there are also lists, numbers, booleans and times. */
export const attributes = z.record(
  z.string(),
  z.strictObject({
    maxLength: z.optional(z.int()),
    values: z.optional(z.array(z.string())),
    type: z.optional(z.enum(['integer', 'number', 'boolean', 'time'])),
    min: z.optional(z.number()),
    max: z.optional(z.number()),
    optional: z.boolean(),
  }),
);

/** Of events, by attribute and text. */
export const counts = z
  .record(z.string(), z.record(z.string(), z.int().check(z.gte(1))))
  .check(
    about(
      'of a dataset of events: how many events have each text of the attributes that are lists; what none has is omitted',
    ),
  );
