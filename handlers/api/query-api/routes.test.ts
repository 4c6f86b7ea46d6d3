import { beforeEach, describe, expect, test } from 'vitest';
import { StoreUnavailable } from '../../../ports/faults.ts';
import { body, createApiWorld, request } from '../../../test/support/api-world.ts';
import { probes } from '../../../test/support/probe-dataset.ts';
import { datasets } from '../contract/datasets.ts';
import { jobs } from '../contract/jobs.ts';
import { problemDocument } from '../contract/openapi.ts';

let world: ReturnType<typeof createApiWorld>;
beforeEach(() => {
  world = createApiWorld();
});

describe('what is wrong is named, with what is accepted', () => {
  test.each([
    ['/temp?month=3', 'year', 'missing'],
    ['/temp?year=2024', 'month', 'missing'],
    ['/sd', 'year', 'missing'],
    ['/maxdiff?year=2024&month=13', 'month', '"13"'],
    ['/temp?year=2024&month=1.5', 'month', '"1.5"'],
    ['/temp?year=2024&month=1e0', 'month', '"1e0"'],
    ['/temp?year=%20&month=1', 'year', '" "'],
    ['/temp?year=2024&month=1&sensor=..', 'sensor', '".."'],
    ['/datasets/probes/statistics?from=2024-01', 'to', 'missing'],
    ['/datasets/probes/statistics?from=2024-13&to=2024-14', 'from', '"2024-13"'],
    ['/datasets/probes/statistics?from=2024-01-01&to=2024-01-02', 'from', 'period=month'],
    ['/datasets/probes/statistics?period=day&from=2024-01&to=2024-02', 'from', 'period=day'],
    ['/datasets/probes/statistics?period=day&from=2024-02-01&to=2024-02-30', 'to', '"2024-02-30"'],
    ['/datasets/probes/statistics?from=2024-03&to=2024-02', 'from', 'after to'],
    ['/datasets/probes/statistics?from=1990-01&to=2099-12', 'to', '1320 months'],
    ['/datasets/probes/statistics?period=day&from=2000-01-01&to=2024-01-01', 'to', 'days'],
    ['/datasets/probes/statistics?period=week&from=2024-01&to=2024-02', 'period', '"week"'],
    ['/datasets/probes/statistics?from=2024-01&to=2024-02&limit=0', 'limit', '"0"'],
    ['/datasets/probes/statistics?from=2024-01&to=2024-02&limit=1001', 'limit', '"1001"'],
    ['/datasets/probes/statistics?from=2024-01&to=2024-02&limit=', 'limit', '""'],
    ['/datasets/probes/statistics?from=2024-01&to=2024-02&cursor=*', 'cursor', '"*"'],
    ['/datasets/probes/statistics?from=2024-01&from=2024-01&to=2024-02', 'from', 'given 2 times'],
    ['/datasets/probes/statistics?from=2024-01&to=2024-02&sensr=a', 'sensr', 'not a parameter'],
    ['/datasets/probes/statistics?from=2024-01&to=2024-02&by=shard', 'by', '"shard"'],
    ['/datasets/probes/statistics?from=2024-01&to=2024-02&sensor=a,', 'sensor', '"a,"'],
    ['/datasets/probes/statistics?from=2024-01&to=2024-02&sensor=', 'sensor', '""'],
    ['/datasets/probes/alerts?from=2024-01-01', 'to', 'missing'],
    ['/datasets/probes/alerts?from=2024-02-30&to=2024-03-01', 'from', '"2024-02-30"'],
    ['/datasets/probes/sensors?month=2024-1', 'month', '"2024-1"'],
    ['/datasets/probes/sensors?month=2024-01&to=2024-02', 'month', 'beside from or to'],
    ['/datasets/probes/sensors?from=2024-03&to=2024-02', 'from', 'after the last month'],
    ['/datasets/probes/sensors?from=2010-01&to=2024-02', 'from', '170 months'],
    ['/datasets/probes/sensors?silentFor=3', 'silentFor', '"3"'],
    ['/datasets/probes/sensors?silentFor=6%20hours', 'silentFor', '"6 hours"'],
    ['/datasets/probes/sensors?silentFor=3%20days&to=2024-05', 'silentFor', 'there may be readings'],
    ['/datasets/probes/sensors?sensor=,', 'sensor', '","'],
    ['/datasets?dataset=x', 'dataset', 'not a parameter'],
    ['/jobs/a%2Fb', 'jobId', '"a/b"'],
    ['/jobs/segment%23x', 'jobId', '"segment#x"'],
  ])('%s', async (path, parameter, found) => {
    const answer = await world.get(path);
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    const problem = problemDocument.parse(body(answer));
    expect(problem.parameter).toBe(parameter);
    expect(problem.detail).toContain(found);
    expect(problem.message).toBe(problem.detail);
    expect(problem.accepted).not.toBe('');
    expect(problem.accepted).not.toBe('another value');
  });

  test('all faults are told at once', async () => {
    const problem = body(await world.get('/temp?year=x&colour=red'));
    expect(problem.errors.map(({ parameter }: { parameter: string }) => parameter)).toEqual([
      'year',
      'month',
      'colour',
    ]);
    expect(problem.errors[2].accepted).toBe('year, month, sensor');
  });

  test('an unknown dataset is told with those that there are', async () => {
    for (const path of [
      '',
      '/sensors',
      '/statistics?from=2024-01&to=2024-01',
      '/alerts?from=2024-01-01&to=2024-01-02',
    ]) {
      const answer = await world.get(`/datasets/nothing${path}`);
      expect([answer.status, body(answer).accepted]).toEqual([
        404,
        ['probes', 'stock-ticks', 'water-temperature'],
      ]);
    }
  });

  test.each(['/temp', '/sd', '/maxdiff'])(
    '%s is 404 with a message where there are no readings',
    async (path) => {
      for (const sensor of ['', '&sensor=nobody']) {
        const answer = await world.get(`${path}?year=2024&month=1${sensor}`);
        expect([answer.status, body(answer).message]).toEqual([404, expect.stringContaining('2024-01')]);
      }
    },
  );

  test('a route that this function does not have', async () => {
    expect((await world.get('/nothing')).status).toBe(404);
    expect((await world.answer(request('POST', '/datasets'))).status).toBe(404);
  });
});

describe('faults', () => {
  test('tell the caller their instance, and nothing of what happened', async () => {
    world.jobs.view = () => Promise.reject(new Error('secret at /var/task/index.mjs'));
    const answer = await world.get('/jobs/JOB001');
    expect(answer.status).toBe(500);
    expect(answer.body).not.toMatch(/secret|index\.mjs|\bat /);
    expect(problemDocument.parse(body(answer)).instance).toBe(
      'urn:uuid:00000000-0000-4000-8000-000000000000',
    );
    expect(world.faults).toHaveLength(1);
  });

  test('of a busy store are 503 and pass by themselves', async () => {
    world.jobs.view = () => Promise.reject(new StoreUnavailable('throttled'));
    const answer = await world.get('/jobs/JOB001');
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '2']);
  });
});

test.each(['/datasets', '/temp', '/datasets/nothing'])(
  '%s: every answer is for nobody but the caller',
  async (path) => {
    const { headers } = await world.get(path);
    expect(headers['cache-control']).toMatch(/private, no-cache|no-store/);
    expect(headers['x-content-type-options']).toBe('nosniff');
  },
);

describe('datasets', () => {
  test('all of them, and each with the schema of its readings', async () => {
    const list = datasets.listDatasets.answer.parse(body(await world.get('/datasets')));
    expect(list.datasets.map(({ name }) => name)).toEqual(['probes', 'stock-ticks', 'water-temperature']);
    const ticks = datasets.getDataset.answer.parse(body(await world.get('/datasets/stock-ticks')));
    expect(ticks.reading).toMatchObject({
      required: ['timestamp', 'PRICE', 'SECTOR'],
      oneOf: [{ required: ['sensorId'] }, { required: ['TICKER_SYMBOL'] }], // exactly one of the two names
    });
    const water = datasets.getDataset.answer.parse(body(await world.get('/datasets/water-temperature')));
    expect(water).toMatchObject({
      timeZone: 'Europe/Madrid',
      alerts: { 'high-deviation': { measure: 'deviation', above: 0.5 } },
      csv: { timestamp: ['Fecha', 'yyyy/M/d'], temperature: 'Medida' },
      formats: [],
      expectedEvery: '7 days',
    });
  });
});

describe('alerts', () => {
  const days = ['2023-12-30', '2024-01-01', '2024-01-23', '2024-01-31', '2024-02-01', '2024-03-15'];
  beforeEach(() => {
    const reading = {
      timestampMs: Date.parse('2024-01-01'),
      revision: 0,
      values: [35, null],
      attributes: [null],
    };
    world.store(
      probes,
      ['a', 'b'].map((sensorId) => ({ ...reading, sensorId })),
    );
    for (const day of days) {
      for (const sensorId of ['a', 'b']) {
        const content = {
          measure: 'temperature',
          threshold: 30,
          count: 2,
          worst: 41.5,
          worstAt: Date.parse(day),
          withdrawn: false,
        };
        world.alerts.rows.push({
          dataset: 'probes',
          sensorId,
          day,
          rule: 'hot',
          content,
          createdAt: `${day}T12:00:00.000Z`,
        });
      }
    }
  });

  test('of a span of days over months, page by page', async () => {
    for (const limit of [1, 2, 3, 1000]) {
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const url: string = `/datasets/probes/alerts?from=2024-01-01&to=2024-03-14&limit=${limit}${cursor === null ? '' : `&cursor=${cursor}`}`;
        const page = datasets.listAlerts.answer.parse(body(await world.get(url)));
        found.push(...page.alerts.map(({ day, sensorId }) => `${day} ${sensorId}`));
        cursor = page.cursor;
      } while (cursor !== null);
      expect(found).toEqual(days.slice(1, 5).flatMap((day) => [`${day} a`, `${day} b`]));
    }
  });

  test('say what was past which limit', async () => {
    const { alerts } = body(await world.get('/datasets/probes/alerts?from=2024-01-23&to=2024-01-23'));
    expect(alerts[0]).toEqual({
      day: '2024-01-23',
      rule: 'hot',
      sensorId: 'a',
      measure: 'temperature',
      unit: '°C',
      threshold: 30,
      count: 2,
      worst: 41.5,
      worstAt: '2024-01-23T00:00:00.000Z',
      state: 'pending',
      withdrawn: false,
      createdAt: '2024-01-23T12:00:00.000Z',
      sentAt: null,
    });
  });

  test.each([1, 2, 1000])('of a sensor, a rule and a state alone, by pages of %d', async (limit) => {
    const [first, second, third] = world.alerts.rows.filter(({ sensorId }) => sensorId === 'b').slice(1);
    for (const row of [first, second, third]) {
      if (row === undefined) throw new Error('There are three alerts of the sensor in the span.');
      world.alerts.rows[world.alerts.rows.indexOf(row)] =
        row === first
          ? { ...row, content: { ...row.content, withdrawn: true } }
          : { ...row, sentAt: '2024-03-01T00:00:00.000Z' };
    }
    const of = async (query: string) => {
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const url: string = `/datasets/probes/alerts?from=2024-01-01&to=2024-03-14&limit=${limit}&${query}${cursor === null ? '' : `&cursor=${cursor}`}`;
        const page = datasets.listAlerts.answer.parse(body(await world.get(url)));
        found.push(...page.alerts.map(({ day, sensorId, state }) => `${day} ${sensorId} ${state}`));
        cursor = page.cursor;
      } while (cursor !== null);
      return found;
    };
    expect(await of('sensor=b&state=withdrawn')).toEqual([`${first?.day} b withdrawn`]);
    expect(await of('state=sent')).toEqual([`${second?.day} b sent`, `${third?.day} b sent`]);
    expect((await of('rule=hot&sensor=a')).length).toBe(4);
    expect(await of('rule=cold')).toEqual([]);
  });

  test('of several sensors, of a pattern and of tags, and of no sensor that is not there', async () => {
    const ask = async (query: string) => {
      const answer = await world.get(`/datasets/probes/alerts?from=2024-01-23&to=2024-01-23&${query}`);
      const { alerts, parameter } = body(answer);
      return answer.status === 200
        ? alerts.map((alert: { sensorId: string }) => alert.sensorId)
        : [answer.status, parameter];
    };
    expect(await ask('sensor=a,b')).toEqual(['a', 'b']);
    expect(await ask('sensor=b')).toEqual(['b']);
    expect(await ask('sensor=*b*')).toEqual(['b']);
    expect(await ask('sensor=z*')).toEqual([]);
    expect(await ask('sensor=a,z')).toEqual([404, 'sensor']);
    expect(await ask('sensor=a,')).toEqual([400, 'sensor']);
    expect(await ask('tag=none')).toEqual([400, 'tag']);
  });

  test('of a rule that the dataset does not have are refused, with the rules that it has', async () => {
    const answer = await world.get('/datasets/probes/alerts?from=2024-01-01&to=2024-01-31&rule=hto');
    expect([answer.status, body(answer).accepted]).toEqual([400, ['hot', 'cold']]);
  });

  test('come as CSV too, with the cursor in a header', async () => {
    const path = '/datasets/probes/alerts?from=2024-01-23&to=2024-01-23&limit=1';
    const answer = await world.get(path, { accept: 'text/csv' });
    expect(answer.body.split('\r\n')).toEqual([
      'day,rule,sensorId,measure,unit,threshold,count,worst,worstAt,state,createdAt,sentAt',
      '2024-01-23,hot,a,temperature,°C,30,2,41.5,2024-01-23T00:00:00.000Z,pending,2024-01-23T12:00:00.000Z,',
      '',
    ]);
    expect(answer.headers.link).toContain('rel="next"');
  });

  test('a cursor of another span is refused', async () => {
    const { cursor } = body(await world.get('/datasets/probes/alerts?from=2024-01-01&to=2024-03-14&limit=1'));
    const other = await world.get(`/datasets/probes/alerts?from=2024-01-02&to=2024-03-14&cursor=${cursor}`);
    expect([other.status, body(other).parameter]).toEqual([400, 'cursor']);
  });
});

describe('jobs', () => {
  const times = { createdAt: '2024-01-01T00:00:00.000Z', updatedAt: '2024-01-01T00:00:01.000Z' };
  const ingest = {
    jobId: 'run-1',
    kind: 'ingest',
    total: 10,
    processed: 0,
    failed: 0,
    metadata: {},
    ...times,
  } as const;

  test('an ingestion that runs shows the segments that have ended', async () => {
    world.jobs.jobs.set('run-1', {
      ...ingest,
      state: 'Processing',
      lines: { total: 0, valid: 0, rejected: 0 },
    });
    world.jobs.segments.set('run-1', {
      completed: 3,
      failed: 1,
      failures: [{ key: 'raw/x', error: 'Boom', cause: 'because' }],
    });
    const job = jobs.getJob.answer.parse(body(await world.get('/jobs/run-1')));
    expect(job).toMatchObject({ state: 'Processing', total: 10, processed: 4, failed: 1, progress: 0.4 });
    expect(job.failures).toEqual([{ key: 'raw/x', error: 'Boom', cause: 'because' }]);
  });

  test('the cause of a failure comes without its stack trace', async () => {
    const report = {
      errorType: 'Error',
      errorMessage: 'the unit is gone',
      trace: ['Error: the unit is gone', '    at x (index.mjs:1:2)'],
    };
    world.jobs.jobs.set('run-1', {
      ...ingest,
      state: 'Failed',
      error: 'StagingMissing',
      cause: JSON.stringify(report),
    });
    world.jobs.segments.set('run-1', {
      completed: 9,
      failed: 1,
      failures: [
        {
          key: 'raw/x',
          error: 'Error',
          cause: 'Error: no\n    at handler (file:///var/task/index.mjs:3:4)\nend',
        },
      ],
    });
    const answer = await world.get('/jobs/run-1');
    expect(body(answer)).toMatchObject({
      error: 'StagingMissing',
      cause: 'the unit is gone',
      failures: [{ cause: 'Error: no\nend' }],
    });
    expect(answer.body).not.toContain('index.mjs');
  });

  test('a job of toons shows its own counts, an unknown one is 404', async () => {
    world.jobs.jobs.set('JOB001', {
      ...ingest,
      jobId: 'JOB001',
      kind: 'toons',
      clientId: 'tester',
      state: 'Completed',
      total: 4,
      processed: 4,
      failed: 1,
    });
    const job = jobs.getJob.answer.parse(body(await world.get('/jobs/JOB001')));
    expect(job).toMatchObject({ kind: 'toons', processed: 4, progress: 1 });
    expect((await world.get('/jobs/JOB002')).status).toBe(404);
  });
});
