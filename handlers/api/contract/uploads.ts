import * as z from 'zod/mini';
import { isOfSensors } from '../../../core/formats/column-name.ts';
import { checkFilePattern } from '../../../core/formats/file-pattern.ts';
import { refusalReasons } from '../../../core/lines/gate.ts';
import { fixedOffsetMs, isTimeZone } from '../../../core/time/time-zone.ts';
import { statisticsRow } from './datasets.ts';
import { about, dataset, described, instant, nothing, sensor } from './fields.ts';
import type { Routes } from './route.ts';

/** Bytes of a file that is uploaded by a link: the service copies it to where it lands while the caller waits. */
const maxUploadBytes = 2 ** 30;
/** Bytes of a file, as it is stored, that is read whole for an answer. */
export const maxPreviewBytes = 32 * 2 ** 20;

const part = '[^/\\u0000-\\u001f\\u007f]';
const fileName = z.string().check(
  z.regex(
    new RegExp(`^${part}{1,200}$`),
    'must be 1 to 200 characters, without slashes and control characters',
  ),
  z.refine((name) => name !== '.' && name !== '..', 'must be the name of a file'),
  about('of the file, by which it is known how to read it'),
);
const landedName = z
  .optional(
    z.string().check(
      z.regex(
        new RegExp(`^${part}{1,200}(?:/${part}{1,200}){0,4}$`),
        'must be a name, with up to four folders before it',
      ),
      z.refine(
        (name) => !name.split('/').some((folder) => folder === '.' || folder === '..'),
        'must have no folder . or ..',
      ),
    ),
  )
  .check(
    about('what the file is called below landing/<dataset>/, where it is not the name it was uploaded with'),
  );
const uploadId = z
  .string()
  .check(
    z.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
    described('id of an upload, as POST /uploads gave it', '00000000-0000-4000-8000-000000000000'),
  );

const zone = (isKnown: (typed: string) => boolean, accepted: string) =>
  z.optional(z.string().check(z.maxLength(64), z.refine(isKnown, accepted), about(accepted)));
const columnName = z.string().check(z.minLength(1), z.maxLength(256));

/** What `caudal inspect` takes as options. */
const inspection = z.strictObject({
  name: z
    .optional(
      z
        .string()
        .check(
          z.regex(
            /^[a-z][a-z0-9-]{0,62}$/,
            'must be lower case letters, digits and -, at most 63, a letter first',
          ),
        ),
    )
    .check(about('of the dataset that is written; by default inspected')),
  zone: zone(
    (typed) => isTimeZone(typed) || fixedOffsetMs(typed) !== undefined,
    "of the file's clock: an IANA name such as Europe/Madrid, or an offset such as +01:00",
  ),
  timeZone: zone(
    isTimeZone,
    'of days and months, where it is not `zone`: an IANA name such as Europe/Madrid',
  ),
  dateOrder: z.optional(z.enum(['day-first', 'month-first', 'year-first'])),
  sensor: z.optional(sensor).check(about('the series of all rows')),
  sensorColumn: z.optional(columnName).check(about('the column that names the series')),
  sensorColumns: z
    .optional(
      z
        .array(columnName.check(z.refine(isOfSensors, 'must be the name of columns with {sensorId} in it')))
        .check(z.minLength(1), z.maxLength(50)),
    )
    .check(about('columns that are each of a sensor, by their name with {sensorId} for the sensor')),
  decimal: z.optional(z.enum(['.', ','])).check(about('the decimal mark')),
  units: z
    .optional(z.record(columnName, z.string().check(z.minLength(1), z.maxLength(64))))
    .check(about('units by column')),
  match: z
    .optional(
      z.string().check(
        z.maxLength(256),
        z.refine(
          (pattern) => checkFilePattern(pattern) === undefined,
          'must be a pattern of file names, such as {sensorId}_*.csv',
        ),
      ),
    )
    .check(about('the files that are written so')),
  limit: z.optional(z.int().check(z.gte(0), z.lte(100))).check(about('readings to show; by default 5')),
});

const examples = z.array(z.record(z.string(), z.unknown()));
const counts = z.record(z.string(), z.int());
const refusal = z.strictObject({
  reason: z.enum([...refusalReasons]),
  detail: z.string(),
  cause: z.optional(z.string()),
  lines: examples.check(about('up to five lines of the file')),
  nothingValid: z
    .optional(z.literal(true))
    .check(about('not one of its lines could be taken as it is: there is nothing to accept')),
});
const dropped = z.strictObject({ byMeasure: z.record(z.string(), counts), examples });
const moment = z.nullable(instant);

const common = { scope: 'operate', tag: 'uploads' } as const;
const body = { maxBytes: 65_536, types: ['application/json'] } as const;
const ofUpload = z.strictObject({ uploadId });

export const uploads = {
  startUpload: {
    ...common,
    method: 'POST',
    path: '/uploads',
    summary: 'A link for uploading a file of readings, to be looked at before it lands',
    description: `The link takes exactly so many bytes, once, and with \`sha256\` no others. What is uploaded is ingested by nobody until it lands, and is removed after a day. At most ${maxUploadBytes} bytes; larger files: npm run caudal -- upload.`,
    parameters: nothing,
    body: {
      ...body,
      schema: z.strictObject({
        name: fileName,
        bytes: z
          .int()
          .check(z.gte(1), z.lte(maxUploadBytes), about('exact length: the link accepts no other')),
        sha256: z
          .optional(
            z.string().check(z.regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits in lower case')),
          )
          .check(about('of the bytes: with it the link accepts no others')),
      }),
    },
    status: 201,
    answer: z.strictObject({
      uploadId: z.string(),
      method: z.literal('PUT'),
      url: z.string(),
      headers: z.record(z.string(), z.string()).check(about('to send with the bytes')),
      expires: instant.check(about('until when the link may be used')),
    }),
    problems: [],
  },
  getUpload: {
    ...common,
    method: 'GET',
    path: '/uploads/{uploadId}',
    summary: 'What became of an upload',
    description:
      '`expected`: nothing has been uploaded yet; `uploaded`: it may be looked at and landed; `waiting`: it has landed, and no execution has read it yet; `running`: its lines are counted and being merged; `completed`: its months are there; `refused`: nothing of it was taken; `failed`: GET /jobs/{jobId} says why. An upload is known for a day or two.',
    parameters: ofUpload,
    status: 200,
    tagged: true,
    answer: z.strictObject({
      uploadId: z.string(),
      name: z.string(),
      bytes: z.int(),
      state: z.enum(['expected', 'uploaded', 'waiting', 'running', 'completed', 'refused', 'failed']),
      landed: z
        .optional(
          z.strictObject({
            dataset: z.string(),
            key: z.string(),
            uploadedAt: instant.check(about('what decides between it and other uploads')),
            versionId: z.optional(z.string()),
          }),
        )
        .check(about('where it has landed')),
      jobId: z.optional(z.string()).check(about('of the ingestion that has read it')),
      lines: z
        .optional(z.strictObject({ total: z.int(), valid: z.int(), rejected: z.int() }))
        .check(about('of the file; `total` = `valid` + `rejected`')),
      rejectedByReason: z.optional(counts),
      droppedValues: z.optional(z.int()).check(about('values left out of valid readings')),
      refusal: z.optional(refusal),
      holds: z
        .optional(
          z.strictObject({
            readings: z.int().check(about('repeats included')),
            first: instant,
            last: instant,
            firstMonth: z.string().check(about('by the time zone of the dataset')),
            lastMonth: z.string(),
            sensors: z
              .optional(z.array(z.string()))
              .check(about('its series, up to 100; omitted where they are too many to be known')),
            sensorsInAll: z.optional(z.int()),
          }),
        )
        .check(about('what its valid lines are')),
      error: z.optional(z.string()),
      cause: z.optional(z.string()),
    }),
    problems: ['not-found'],
  },
  landUpload: {
    ...common,
    method: 'POST',
    path: '/uploads/{uploadId}/land',
    summary: 'Lands an upload as a file of a dataset, which starts its ingestion',
    description:
      'A file with the key of one that was uploaded before is a new version of it. The same request again is answered alike, and lands nothing again.',
    parameters: ofUpload,
    body: {
      ...body,
      schema: z.strictObject({
        dataset,
        sensor: z.optional(sensor).check(about('the series of lines that name none')),
        name: landedName,
      }),
    },
    status: 202,
    repeatable: true,
    answer: z.strictObject({
      uploadId: z.string(),
      dataset: z.string(),
      key: z.string().check(about('of the raw bucket')),
      versionId: z.string(),
      uploadedAt: instant,
    }),
    problems: ['not-found', 'filled-by-streams', 'not-uploaded', 'already-landed'],
  },
} as const satisfies Routes;

export const inspections = {
  inspectUpload: {
    ...common,
    method: 'POST',
    path: '/uploads/{uploadId}/inspect',
    summary: 'How an uploaded file is written, and a dataset for files like it',
    description:
      'Looks at its first MiB, as `npm run caudal -- inspect` does: what the file shows, what is guessed, and what only its owner can know. Without an answer to each of the `questions` there are no readings.',
    parameters: ofUpload,
    body: { ...body, schema: inspection },
    status: 200,
    answer: z.strictObject({
      file: z.string(),
      looksAt: z
        .strictObject({ bytes: z.int(), isWhole: z.boolean() })
        .check(about('how much of the file, uncompressed, all of this is about')),
      format: z.string(),
      definition: z.record(z.string(), z.unknown()),
      source: z
        .nullable(z.string())
        .check(about('the text of datasets/<name>.ts; null while there are questions')),
      measures: examples,
      unread: z.array(z.strictObject({ column: z.string(), reason: z.string() })),
      findings: z.array(
        z.strictObject({
          subject: z.string(),
          value: z.string(),
          certainty: z.enum(['certain', 'guessed', 'asked']),
          reason: z.string(),
        }),
      ),
      questions: z.array(
        z.strictObject({
          subject: z.enum(['zone', 'order', 'sensor', 'decimal']),
          text: z.string(),
          options: z.array(z.string()).check(about('what answers it on a command line')),
          choices: z.optional(z.array(z.string())),
        }),
      ),
      lines: z.optional(z.int()),
      accepted: z.optional(z.int()),
      refusal: z.optional(refusal),
      readings: examples.check(about('the first ones')),
      rejected: z.strictObject({ byReason: counts, examples }),
      dropped,
      first: moment,
      last: moment,
      sensors: z
        .array(z.strictObject({ sensorId: z.string(), count: z.int() }))
        .check(about('the first 100')),
      sensorsInAll: z.int(),
    }),
    problems: ['not-found', 'not-uploaded', 'unknown-format'],
  },
  previewUpload: {
    ...common,
    method: 'POST',
    path: '/uploads/{uploadId}/preview',
    summary: 'What an uploaded file would come to if it landed',
    description: `Reads the whole file as the ingestion would, as \`npm run caudal -- preview\` does, and changes nothing. A file of more than ${maxPreviewBytes / 2 ** 20} MiB, or of more readings than are read within 20 s, is answered with 422. Lists have their first elements only, and \`inAll\` says how many there are.`,
    parameters: ofUpload,
    body: {
      ...body,
      schema: z.strictObject({
        dataset,
        sensor: z.optional(sensor).check(about('the series of lines that name none')),
        name: landedName,
        examples: z.optional(z.int().check(z.gte(0), z.lte(20))).check(about('of each reason; by default 3')),
      }),
    },
    status: 200,
    answer: z.strictObject({
      file: z.string(),
      key: z.string().check(about('where it would land')),
      dataset: z.string(),
      timeZone: z.string(),
      units: z.record(z.string(), z.string()),
      refusal: z.optional(refusal).check(about('why nothing of it would be taken')),
      lines: z.int(),
      accepted: z.int(),
      rejected: z.strictObject({ byReason: counts, examples }),
      dropped,
      columns: z.optional(z.record(z.string(), z.unknown())),
      passedOver: z.optional(counts),
      unknownFields: z.optional(z.array(z.string())),
      unterminated: z.optional(z.boolean()),
      readings: z.int(),
      repeated: z.int(),
      superseded: z.int(),
      contested: z.strictObject({ count: z.int(), examples }),
      first: moment,
      last: moment,
      sensors: z.array(
        z.strictObject({
          sensorId: z.string(),
          count: z.int(),
          first: instant,
          last: instant,
          months: z.array(statisticsRow),
        }),
      ),
      days: z.array(statisticsRow),
      months: z.array(statisticsRow),
      inAll: z
        .strictObject({ sensors: z.int(), days: z.int(), months: z.int() })
        .check(about('how many sensors, days and months the file has, of which the first are shown')),
    }),
    problems: ['not-found', 'filled-by-streams', 'not-uploaded', 'file-too-large'],
  },
} as const satisfies Routes;
