import { describe, expect, test } from 'vitest';
import type { JobRequest, JobStart, JobView, NewJob } from '../../../ports/toons.ts';
import { submission } from '../contract/submission.ts';
import { createSubmitJobApi } from './endpoints.ts';
import { createSubmitJob, maxOpen } from './submit-job.ts';

/** The submitting routes over stores in memory. */
function api() {
  const objects = new Map<string, Uint8Array>();
  const jobs = new Map<string, NewJob>();
  const open = new Set<string>();
  const started: JobStart[] = [];
  const faults: unknown[] = [];
  let failStart = false;
  const clock = { nowMs: () => Date.UTC(2026, 0, 1) };
  const view = ({ jobId, total, metadata, createdAt }: NewJob): JobView => ({
    jobId,
    kind: 'toons',
    state: 'Pending',
    total,
    processed: 0,
    failed: 0,
    metadata: metadata ?? {},
    createdAt,
    updatedAt: createdAt,
  });
  const submit = createSubmitJob({
    bucket: 'toons',
    manifests: {
      async read({ key }, { maxBytes }) {
        const bytes = objects.get(key);
        if (bytes === undefined) return { kind: 'failed', reason: 'not-found', detail: `no object '${key}'` };
        if (bytes.length > maxBytes) return { kind: 'failed', reason: 'too-large', detail: 'too large' };
        return { kind: 'bytes', bytes };
      },
    },
    objects: { write: async ({ key, bytes }) => void objects.set(key, bytes) },
    jobs: {
      async admit({ jobId, total }, most) {
        if (open.has(jobId)) return { kind: 'admitted' };
        if (open.size >= most.jobs) return { kind: 'full', jobs: open.size, toons: total };
        open.add(jobId);
        return { kind: 'admitted' };
      },
      async create(job) {
        const known = jobs.get(job.jobId);
        if (known !== undefined) return { kind: 'exists', digest: known.digest };
        jobs.set(job.jobId, job);
        return { kind: 'created' };
      },
      view: async (jobId) => {
        const job = jobs.get(jobId);
        return job && view(job);
      },
    },
    executions: {
      async start(job) {
        if (failStart) throw new Error('gone');
        started.push(job);
      },
    },
    clock,
  });
  const links = {
    writeLink: async ({ key, bytes, contentType }: { key: string; bytes: number; contentType: string }) => ({
      url: `https://example.test/${key}`,
      headers: { 'content-length': String(bytes), 'content-type': contentType },
      expiresAt: '2026-01-01T01:00:00.000Z',
    }),
  };
  const linked = new Map<string, number>();
  const answer = createSubmitJobApi({
    submit,
    links,
    accounts: {
      async link({ clientId, bytes, atMs }, maxBytes) {
        const before = linked.get(clientId) ?? 0;
        if (before + bytes > maxBytes) return { kind: 'full', bytes: before, freeAtMs: atMs + 90_500 };
        linked.set(clientId, before + bytes);
        return { kind: 'linked' };
      },
    },
    bytesPerDay: 3 * 2 ** 30,
    clock,
    bucket: 'toons',
    onFault: (fault) => void faults.push(fault),
  });
  const post = async (
    route: string,
    body: unknown,
    extra: { clientId?: string; userId?: string; contentType?: string; contentEncoding?: string } = {},
  ) => {
    const result = await answer({
      method: 'POST',
      route,
      pathParameters: {},
      query: {},
      headers: {
        ...(extra.contentType === '' ? {} : { 'content-type': extra.contentType ?? 'application/json' }),
        ...(extra.contentEncoding === undefined ? {} : { 'content-encoding': extra.contentEncoding }),
      },
      body: typeof body === 'string' ? Buffer.from(body) : Buffer.from(JSON.stringify(body)),
      path: `/prod${route}`,
      basePath: '/prod',
      clientId: extra.clientId ?? 'client1',
      user: extra.userId === undefined ? undefined : { id: extra.userId, groups: ['operator'] },
      scopes: [],
      requestId: '6f1d8a52-0000-4000-8000-000000000001',
    });
    return { status: result.status, headers: result.headers, body: JSON.parse(result.body) };
  };
  return { post, objects, started, faults, setFailStart: (value: boolean) => (failStart = value) };
}

const hello = Buffer.from('hello').toString('base64');
const job = (extra: object = {}) => ({
  jobId: 'JOB001',
  toons: [{ type: 'message', content: hello }],
  ...extra,
});

describe('submitting', () => {
  test.each(['/submit-job', '/jobs'])(
    'POST %s takes a job, stores its contents, starts its execution',
    async (route) => {
      const { post, objects, started } = api();
      const toons = [
        { type: 'message', content: hello },
        { type: 'message', data: { a: 1 }, id: 'two', metadata: { from: 'test' } },
        { type: 'telemetry', data: [{ x: 1 }, { x: 2 }], dataset: 'water-temperature' },
        { type: 'image', key: 'toons/client1/some/picture.png' },
      ];
      const { status, headers, body } = await post(route, { jobId: 'JOB001', toons, metadata: { batch: 7 } });
      expect(status).toBe(202);
      expect(headers.location).toBe('/prod/jobs/JOB001');
      expect(body).toMatchObject({
        jobId: 'JOB001',
        kind: 'toons',
        state: 'Pending',
        total: 4,
        processed: 0,
        failed: 0,
        progress: 0,
      });
      expect(started).toMatchObject([{ jobId: 'JOB001', toonTypes: ['image', 'message', 'telemetry'] }]);
      const stored = JSON.parse(
        Buffer.from(objects.get(started[0]?.request.key ?? '') ?? []).toString(),
      ) as JobRequest;
      const bytesOf = ({ source }: JobRequest['toons'][number]) =>
        Buffer.from(objects.get(source.key)?.subarray(source.start, source.end) ?? []).toString();
      expect(stored.toons.map(({ toonId }) => toonId)).toEqual([
        'toon-00001',
        'two',
        'toon-00003',
        'toon-00004',
      ]);
      expect(stored.toons.slice(0, 3).map(bytesOf)).toEqual(['hello', '{"a":1}', '{"x":1}\n{"x":2}\n']);
      expect(stored.toons[3]?.source).toEqual({ bucket: 'toons', key: 'toons/client1/some/picture.png' });
    },
  );

  test.each([
    [{}, 'jobId: is missing; accepted: a text', 'a text'],
    [[], 'body: is a list of 0; accepted: an object', 'an object'],
    [job({ toons: 7 }), 'toons: is 7; accepted: a list', 'a list'],
    [job({ toons: [] }), 'toons: is a list of 0; accepted: at least 1 element', 'at least 1 element'],
    [
      job({ toons: [{ type: 'film', data: {} }] }),
      'toons[0].type: is "film"; accepted: image, audio',
      'image, audio, video, telemetry, message, binary',
    ],
    [
      job({ colour: 1 }),
      'body: unknown members: "colour"; accepted: jobId, toons, manifest, metadata',
      'jobId, toons, manifest, metadata',
    ],
    [
      job({ metadata: { a: null } }),
      'metadata.a: is null; accepted: a text, a number, true or false',
      'a text, a number, true or false',
    ],
    [
      job({ metadata: { a: 'x'.repeat(300) } }),
      'metadata.a: is a text of 300 characters',
      'at most 256 characters',
    ],
    [
      { ...job(), jobId: 'a b' },
      'jobId: must be 1 to 64 letters',
      '1 to 64 letters, digits, underscores and hyphens, a letter or digit first',
    ],
  ])('what is wrong is said in words of the API: %j', async (body, words, accepted) => {
    const { post } = api();
    const { status, body: problem } = await post('/jobs', body);
    expect([status, problem.detail]).toEqual([400, expect.stringContaining(words)]);
    expect([problem.accepted, problem.errors[0].accepted]).toEqual([accepted, accepted]);
    expect(JSON.stringify(problem)).not.toMatch(
      /invalid input|expected|received|too (big|small)|unrecognized/i,
    );
  });

  test('the same content again is the same job; other content, or another caller, is a conflict', async () => {
    const { post, started } = api();
    const first = await post('/jobs', job());
    const again = await post('/submit-job', job());
    expect([first.status, again.status]).toEqual([202, 200]);
    expect(again.body).toEqual(first.body);
    expect(started[1]).toEqual(started[0]);
    for (const other of [
      await post(
        '/jobs',
        job({ toons: [{ type: 'message', content: Buffer.from('bye').toString('base64') }] }),
      ),
      await post('/jobs', job({ metadata: { a: 1 } })),
      await post('/jobs', job(), { clientId: 'client2' }),
      await post('/jobs', job(), { userId: 'a-user-of-the-same-client' }),
    ]) {
      expect(other.status).toBe(409);
      expect(other.body).toMatchObject({ type: 'urn:caudal:problem:conflict', parameter: 'jobId' });
    }
  });

  test('a crash before the execution started is mended by submitting again', async () => {
    const { post, started, setFailStart, faults } = api();
    setFailStart(true);
    const failed = await post('/jobs', job());
    expect(failed.status).toBe(500);
    expect(JSON.stringify(failed.body)).not.toContain('gone');
    expect(faults).toHaveLength(1);
    setFailStart(false);
    expect((await post('/jobs', job())).status).toBe(200);
    expect(started).toHaveLength(1);
  });

  test('a body without a Content-Type is JSON', async () => {
    expect((await api().post('/jobs', job(), { contentType: '' })).status).toBe(202);
  });

  test('a body that is said to be in another encoding than it is read in is not guessed at', async () => {
    const { post } = api();
    for (const contentType of [
      'application/json; charset=utf-16',
      'application/json;a=b; charset="ISO-8859-1"',
    ])
      expect((await post('/jobs', job(), { contentType })).body).toMatchObject({
        status: 415,
        parameter: 'Content-Type',
      });
    for (const contentEncoding of ['gzip', 'br, gzip'])
      expect((await post('/jobs', job(), { contentEncoding })).body).toMatchObject({
        status: 415,
        parameter: 'Content-Encoding',
      });
    const contentType = 'application/json; charset="UTF-8"';
    expect((await post('/jobs', job(), { contentType, contentEncoding: 'identity' })).status).toBe(202);
  });

  test('a manifest gives the same job as the request', async () => {
    const { post, objects } = api();
    const key = 'toons/client1/up/manifest.json';
    objects.set(key, Buffer.from(JSON.stringify({ toons: job().toons })));
    expect((await post('/jobs', { jobId: 'JOB001', manifest: key })).status).toBe(202);
    expect((await post('/jobs', job())).status).toBe(200);
  });

  test('ten thousand toons leave a small execution input', async () => {
    const { post, started } = api();
    const toons = Array.from({ length: 10_000 }, (_, index) => ({ type: 'message', data: { index } }));
    expect((await post('/jobs', { jobId: 'BIG', toons })).status).toBe(202);
    expect(JSON.stringify(started[0]).length).toBeLessThan(500);
    expect((await post('/jobs', { jobId: 'BIGGER', toons: [...toons, toons[0]] })).status).toBe(400);
  });
});

describe('refusals name what is wrong', () => {
  const toons = (...list: object[]) => ({ jobId: 'JOB001', toons: list });
  test.each([
    ['jobId', { jobId: 'no spaces', toons: job().toons }],
    ['jobId', { toons: job().toons }],
    ['toons', { jobId: 'JOB001' }],
    ['toons', { jobId: 'JOB001', toons: [] }],
    ['toons', { ...job(), manifest: 'toons/client1/m' }],
    ['toons[0].type', toons({ type: 'song', content: hello })],
    ['toons[0].content', toons({ type: 'message' })],
    ['toons[0].content', toons({ type: 'message', content: hello, data: {} })],
    ['toons[0].content', toons({ type: 'message', content: 'not base64!' })],
    ['toons[0].data', toons({ type: 'image', data: { a: 1 } })],
    ['toons[0].dataset', toons({ type: 'message', content: hello, dataset: 'x' })],
    [
      'toons[1].id',
      toons({ type: 'message', content: hello, id: 'a' }, { type: 'message', content: hello, id: 'a' }),
    ],
    [
      'toons[1].id',
      toons({ type: 'message', content: hello }, { type: 'message', content: hello, id: 'toon-00001' }),
    ],
    ['toons[0].key', toons({ type: 'image', key: 'toons/client2/picture.png' })],
    ['toons[0].key', toons({ type: 'image', key: 'toons/client1/../client2/picture.png' })],
    ['toons[0].key', toons({ type: 'image', key: 'jobs/JOB000/inline' })],
    ['manifest', { jobId: 'JOB001', manifest: 'toons/client2/m' }],
    ['manifest', { jobId: 'JOB001', manifest: 'toons/client1/absent' }],
    ['toons[0].key', toons({ type: 'image', key: `toons/client1/${'ñ'.repeat(506)}` })], // 1,026 bytes, 520 characters
    ['metadata.n', { ...job(), metadata: { n: 2 ** 53 } }],
    ['metadata.n', { ...job(), metadata: { n: -1e200 } }],
    ['toons[0].metadata.n', toons({ type: 'message', content: hello, metadata: { n: 1e-131 } })],
    ['body', [1, 2]],
    ['body', null],
  ])('%s', async (parameter, body) => {
    const { status, headers, body: problem } = await api().post('/jobs', body);
    expect(status).toBe(400);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(problem).toMatchObject({ type: 'urn:caudal:problem:invalid-body', parameter });
    expect(problem.accepted).not.toBe('');
  });

  test('a body that is too large, not JSON, or of another type', async () => {
    const { post } = api();
    expect((await post('/jobs', 'x'.repeat(submission.createJob.body.maxBytes + 1))).status).toBe(413);
    expect((await post('/jobs', '{"jobId":')).status).toBe(400);
    expect((await post('/jobs', job(), { contentType: 'text/plain' })).status).toBe(415);
  });

  test('a manifest that is no JSON, or whose toons are wrong, is refused by the path in it', async () => {
    const { post, objects } = api();
    objects.set('toons/client1/a', Buffer.from([0xff]));
    objects.set('toons/client1/b', Buffer.from('{"toons":[{"type":"image"}]}'));
    expect((await post('/jobs', { jobId: 'A', manifest: 'toons/client1/a' })).body.parameter).toBe(
      'manifest',
    );
    expect((await post('/jobs', { jobId: 'B', manifest: 'toons/client1/b' })).body.parameter).toBe(
      'toons[0].content',
    );
  });
});

describe('links for uploads', () => {
  test('are under the prefix of the caller, in a folder of the request', async () => {
    const { status, body } = await api().post('/jobs/uploads', {
      files: [{ name: 'a.png', bytes: 12, contentType: 'image/png' }],
    });
    expect(status).toBe(201);
    expect(body.uploads).toMatchObject([
      {
        name: 'a.png',
        key: 'toons/client1/6f1d8a52-0000-4000-8000-000000000001/a.png',
        method: 'PUT',
        headers: { 'content-length': '12', 'content-type': 'image/png' },
      },
    ]);
  });

  test.each([
    ['files[0].name', [{ name: '../a', bytes: 1, contentType: 'image/png' }]],
    ['files[0].bytes', [{ name: 'a', bytes: 0, contentType: 'image/png' }]],
    ['files[0].bytes', [{ name: 'a', bytes: 1e9, contentType: 'image/png' }]],
    ['files[0].sha256', [{ name: 'a', bytes: 1, contentType: 'a/b', sha256: 'A'.repeat(64) }]],
    ['files[0].sha256', [{ name: 'a', bytes: 1, contentType: 'a/b', sha256: '0'.repeat(63) }]],
    ['files[0].contentType', [{ name: 'a', bytes: 1, contentType: 'image/png\r\nx: y' }]],
    [
      'files',
      Array.from({ length: 501 }, (_, index) => ({ name: `a${index}`, bytes: 1, contentType: 'a/b' })),
    ],
    ['files', [1, 2].map(() => ({ name: 'a', bytes: 1, contentType: 'a/b' }))],
  ])('refused: %s', async (parameter, files) => {
    expect((await api().post('/jobs/uploads', { files })).body).toMatchObject({ status: 400, parameter });
  });
});

describe('what would be too much work', () => {
  test('one upload for more toons than a few', async () => {
    const toons = Array.from({ length: 4 }, () => ({ type: 'binary', key: 'toons/client1/a/b' }));
    expect((await api().post('/jobs', { jobId: 'FEW', toons: toons.slice(1) })).status).toBe(202);
    expect((await api().post('/jobs', { jobId: 'FEW', toons })).body).toMatchObject({
      status: 400,
      parameter: 'toons[3].key',
    });
    const { post, objects } = api();
    objects.set('toons/client1/a/m', Buffer.from(JSON.stringify({ toons })));
    const { status, body } = await post('/jobs', { jobId: 'FEW', manifest: 'toons/client1/a/m' });
    expect([status, body.detail]).toEqual([400, expect.stringContaining('4th time')]);
  });

  test('more jobs than may be open: nothing of it is stored, and the answer says when to come again', async () => {
    const { post, objects, started } = api();
    for (let number = 0; number < maxOpen.jobs; number++)
      expect((await post('/jobs', job({ jobId: `J${number}` }))).status).toBe(202);
    const stored = objects.size;
    const { status, headers, body } = await post('/jobs', job({ jobId: 'ONE-TOO-MANY' }));
    expect([status, headers['retry-after'], body.type]).toEqual([
      429,
      '60',
      'urn:caudal:problem:too-many-jobs',
    ]);
    expect([objects.size, started.length]).toEqual([stored, maxOpen.jobs]);
    expect((await post('/jobs', job({ jobId: 'J0' }))).status).toBe(200);
  });

  test('links for more bytes than a client may upload within a day: the answer names the limit, and when they are free', async () => {
    const { post } = api();
    const files = Array.from({ length: 50 }, (_, number) => ({
      name: `f${number}`,
      bytes: 40 * 1024 * 1024,
      contentType: 'image/png',
    }));
    expect((await post('/jobs/uploads', { files })).status).toBe(201);
    const { status, headers, body } = await post('/jobs/uploads', { files });
    expect([status, headers['retry-after'], body.type, body.freeAt]).toEqual([
      429,
      '91',
      'urn:caudal:problem:too-many-uploads',
      '2026-01-01T00:01:30.500Z',
    ]);
    expect(body.detail).toContain(`at most ${3 * 2 ** 30} bytes within 24 hours`);
    expect(body.uploads).toBeUndefined();
    expect((await post('/jobs/uploads', { files: files.slice(1, 20) })).status).toBe(201);
    expect((await post('/jobs/uploads', { files }, { clientId: 'client2' })).status).toBe(201);
  });

  test('links for more bytes than a request may ask for', async () => {
    const files = Array.from({ length: 52 }, (_, number) => ({
      name: `f${number}`,
      bytes: 40 * 1024 * 1024,
      contentType: 'image/png',
    }));
    expect((await api().post('/jobs/uploads', { files: files.slice(1) })).status).toBe(201);
    expect((await api().post('/jobs/uploads', { files })).body).toMatchObject({
      status: 400,
      parameter: 'files',
    });
  });
});

describe('what JSON can say and nothing can keep', () => {
  const data = (text: string) => `{"jobId":"ODD","toons":[{"type":"message","data":{"a":${text}}}]}`;
  test.each([
    ['levels without end', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, '64 levels'],
    ['half a surrogate pair', '"\\ud800"', 'half a surrogate pair'],
    ['half of one as a name', '{"\\udc00":1}', 'half a surrogate pair'],
    ['__proto__', '{"__proto__":{"b":1}}', '__proto__'],
  ])('%s', async (_, text, told) => {
    const { post, objects } = api();
    const { status, body } = await post('/jobs', data(text));
    expect([status, body.detail]).toEqual([400, expect.stringContaining(told)]);
    objects.set('toons/client1/a/m', Buffer.from(data(text).replace('"jobId":"ODD",', '')));
    const byManifest = await post('/jobs', { jobId: 'ODD', manifest: 'toons/client1/a/m' });
    expect([byManifest.status, byManifest.body.detail]).toEqual([400, expect.stringContaining(told)]);
  });
});
