import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jobIdPattern, planToons } from '../../core/toons/toon.ts';
import { createDescribeApi } from '../../handlers/api/describe-api/describe-api.ts';
import { encodeCursor } from '../../handlers/api/http/cursor.ts';
import type { HttpAnswer, HttpRequest } from '../../handlers/api/http/messages.ts';
import { conformanceTo } from '../support/api-conformance.ts';
import { requestsTo, type Schema, type Target, targetsOf } from '../support/api-requests.ts';
import { body, datasets, request } from '../support/api-world.ts';
import { type JobApi, startJobApi } from '../support/job-api.ts';
import { type MemberValues, valuesOf } from '../support/schema-values.ts';

/**
 * Conversations about jobs of toons, made from the OpenAPI document: submissions, uploads, progress and results, right and wrong,
 * in any order. Whatever comes, no answer is a fault, and what is told of a job is what was accepted.
 */

const createdAt = '2026-01-01T00:00:00.000Z';
/** Is there from the start, with results. */
const finished = 'FINISHED';
const picture = 'toons/tester/1/picture.png';
const manifest = 'toons/tester/1/manifest.json';
const empty = 'toons/tester/1/empty.json';
type Json = Record<string, unknown>;
const total = 3;

let api: JobApi;
beforeAll(async () => {
  api = await startJobApi();
  const listed = [
    { type: 'message', data: { a: 1 } },
    { id: 'second', type: 'image', key: picture },
  ];
  await api.upload(manifest, JSON.stringify({ toons: listed }));
  await api.upload(empty, '{"toons":[]}');
  await api.jobs.create({ jobId: finished, clientId: 'tester', digest: '', total, metadata: {}, createdAt });
  const toons = planToons(
    finished,
    Array.from({ length: total }, (_, index) => {
      return { toonId: `t${index}`, type: 'image', source: { bucket: 'toons', key: picture } };
    }),
  );
  for (const [index, toon] of toons.entries()) {
    const { toonId, type } = toon;
    const common = { toonId, type, sha256: '00', bytes: 1, durationMs: 3, processedAt: createdAt };
    const thumbnail = { key: `thumbnails/${toonId}`, width: 3, height: 2, bytes: 70 };
    await api.records.record(
      toon,
      index === 0
        ? { ...common, state: 'Failed', reason: 'corrupt', detail: 'broken' }
        : { ...common, state: 'Completed', result: { format: 'png', width: 3, height: 2, thumbnail } },
    );
  }
});
afterAll(() => api.close());

const describeApi = createDescribeApi({
  datasets,
  version: '1.0.0',
  tokenUrl: 'https://tokens.invalid/t',
  onFault: (fault) => api.faults.push(fault),
});
const document = body(await describeApi(request('GET', '/openapi.json')));
const conforms = conformanceTo(document);
const targets = targetsOf<string>(document).filter(({ path }) => /^\/(jobs|results|submit-job)/.test(path));

/** What no schema says: contents are base64, keys are those of uploads, jobs meet each other. */
const own: MemberValues = {
  jobId: fc.oneof(fc.constantFrom(finished, 'JOB001', 'JOB001', 'JOB001'), fc.stringMatching(jobIdPattern)),
  content: fc.base64String({ minLength: 4, maxLength: 40 }),
  key: fc.constantFrom(picture, manifest, 'toons/tester/nowhere'),
  manifest: fc.constantFrom(manifest, manifest, picture, empty, `toons/tester/${'é'.repeat(1_000)}`),
};

/** A submission with one source for each toon, as the checks beyond the schema want it; or as the schema alone has it. */
function submissions(schema: Schema): fc.Arbitrary<unknown> {
  const listed = schema.properties?.toons?.items ?? {};
  const { content = fc.constant(''), key = fc.constant('') } = own;
  const data = valuesOf(listed.properties?.data ?? {}, own);
  const source = fc.oneof(
    fc.record({ content }),
    fc.record({ key }),
    fc.record({ data, type: fc.constantFrom('message', 'telemetry') }),
  );
  const toon = fc.tuple(valuesOf(listed, own), source).map(([made, given]) => {
    const { content: _content, key: _key, data: _data, dataset: _dataset, ...rest } = made as Json;
    return { ...rest, ...given };
  });
  const toons = fc.array(toon, { minLength: 1, maxLength: 3 });
  const body = fc.oneof(
    { arbitrary: fc.record({ toons }), weight: 5 },
    { arbitrary: fc.record({ manifest: own.manifest ?? fc.constant('') }), weight: 1 },
  );
  const well = fc.tuple(valuesOf(schema, own), body).map(([made, given]) => {
    const { toons: _toons, manifest: _manifest, ...rest } = made as Json;
    return { ...rest, ...given };
  });
  return fc.oneof({ arbitrary: well, weight: 6 }, { arbitrary: valuesOf(schema, own), weight: 1 });
}

function bodyOf(target: Target): fc.Arbitrary<string | Uint8Array> {
  const schema: Schema = document.paths[target.path].post.requestBody.content['application/json'].schema;
  const made = schema.properties?.files ? valuesOf(schema, own) : submissions(schema);
  return fc.oneof(
    { arbitrary: made.map((value) => JSON.stringify(value)), weight: 20 },
    {
      arbitrary: fc.oneof(fc.json(), fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 60 })),
      weight: 1,
    },
  );
}

const options = {
  known: {
    jobId: [finished, finished, finished, 'JOB001', 'NOBODY'],
    cursor: [encodeCursor(['results', finished], ['t0']), encodeCursor(['results', 'JOB001'], ['t0'])],
  },
  contentTypes: ['application/json', 'application/json; charset=utf-8'],
  bodyOf,
};
const requests = fc.oneof(...targets.map((target) => requestsTo(target, options)));
const again = fc.constant('again' as const);
const conversations = fc.array(
  fc.oneof({ arbitrary: requests, weight: 4 }, { arbitrary: again, weight: 1 }),
  {
    minLength: 1,
    maxLength: 8,
  },
);

/** Holds what an answer tells of a job to what was accepted before, and remembers what it accepts. */
function remembers(
  sent: HttpRequest,
  { status, body: text }: HttpAnswer,
  accepted: Map<string, number>,
): void {
  const isKnown = (jobId: string) => jobId === finished || accepted.has(jobId);
  if (sent.method === 'GET' && sent.route === '/jobs') {
    const listed: { jobId: string }[] = status === 200 && text !== '' ? JSON.parse(text).jobs : [];
    for (const { jobId } of listed) expect(isKnown(jobId)).toBe(true);
    return;
  }
  if (sent.method === 'GET') {
    const jobId = sent.pathParameters.jobId ?? sent.query.jobId?.[0] ?? '';
    if (status === 404 || status === 200) expect(isKnown(jobId)).toBe(status === 200);
    return;
  }
  if (sent.route === '/jobs/uploads') return;
  const { jobId, total: toons } = JSON.parse(text);
  if (status === 202) {
    expect(isKnown(jobId)).toBe(false);
    accepted.set(jobId, toons);
  }
  if (status === 200) expect(accepted.get(jobId)).toBe(toons);
  if (status === 409) expect(isKnown(JSON.parse(Buffer.from(sent.body).toString()).jobId)).toBe(true);
}

test('no conversation has a fault, a status that the document does not tell, or a job that nobody submitted', async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(conversations, async (conversation) => {
      const accepted = new Map<string, number>();
      let sent: HttpRequest | undefined;
      api.started.length = 0;
      try {
        for (const next of conversation) {
          if (next !== 'again') sent = next;
          if (sent === undefined) continue;
          const answer = await api.answer(sent);
          expect(api.faults.splice(0)).toEqual([]);
          conforms(sent, answer);
          remembers(sent, answer, accepted);
          const told = `${sent.method} ${answer.status}`;
          seen.set(told, (seen.get(told) ?? 0) + 1);
        }
        expect(new Set(api.started.map(({ jobId }) => jobId))).toEqual(new Set(accepted.keys()));
      } finally {
        // The next conversation begins as this one did, so that a failing one is the same when it is run again.
        for (const { jobId } of api.started) await api.forget(jobId);
      }
    }),
    { numRuns: 300 },
  );
  for (const status of [
    'GET 200',
    'GET 400',
    'GET 404',
    'POST 200',
    'POST 201',
    'POST 202',
    'POST 400',
    'POST 409',
  ])
    expect(Object.fromEntries(seen)).toHaveProperty([status]);
});
