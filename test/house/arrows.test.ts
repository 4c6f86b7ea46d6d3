import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

/**
 * Which room may import which. Arrows only go down: from what people run, over what it is made of, to rules that know nothing of
 * the outside. A room of `handlers/` that is not listed here is a function, and no function knows another.
 */
const arrows: Readonly<Record<string, readonly string[]>> = {
  core: [],
  formats: ['core'],
  datasets: ['core', 'formats'],
  streams: ['core'],
  ports: ['core'],
  adapters: ['core', 'ports'],
  'handlers/ingest': ['core', 'ports'],
  'handlers/api/http': ['ports'],
  'handlers/api/contract': ['core', 'handlers/api/http'],
  'handlers/api/answers': ['core', 'ports', 'handlers/api/http', 'handlers/api/contract'],
  // Rules of looking after an installation, which the operator's verbs and the API share.
  'handlers/operations': ['core', 'ports'],
  // Rules of streams, which the API and the schedule share.
  'handlers/streams': ['core', 'ports'],
  'handlers/streams/*': ['core', 'ports', 'handlers/streams'],
  // Rules of reports, which the operator's verb and the schedule share.
  'handlers/reports': ['core', 'ports'],
  'handlers/reports/*': ['core', 'ports', 'handlers/reports'],
  'handlers/api/*': [
    ...['core', 'ports', 'handlers/operations', 'handlers/streams'],
    ...['handlers/api/http', 'handlers/api/contract', 'handlers/api/answers'],
  ],
  'handlers/ingest/*': ['core', 'ports', 'handlers/ingest'],
  'handlers/toons/*': ['core', 'ports'],
  'handlers/console/*': ['ports', 'handlers/api/http'],
  // Where a function is put together: the environment, the adapters, the datasets of this deployment.
  'handler.ts': ['adapters', 'datasets', 'formats', 'handlers', 'streams'],
  handlers: ['ports'],
  // In a browser: of the contract its types alone, which console/build.test.ts holds.
  console: ['handlers/api/contract'],
  infra: ['console', 'core', 'datasets', 'handlers/api/contract'],
  cli: ['core', 'ports', 'adapters'],
  producer: ['core', 'datasets', 'cli'],
  operator: ['core', 'ports', 'adapters', 'datasets', 'formats', 'streams', 'cli', 'producer', 'handlers/*'],
  // A product by itself: it runs anybody's template.
  local: [],
  demo: ['core', 'datasets', 'cli', 'local', 'operator', 'producer'],
  bench: ['*'],
};

const root = join(import.meta.dirname, '..', '..');
const folders = [...new Set(Object.keys(arrows).map((room) => room.split('/')[0] ?? ''))].filter(
  (folder) => !folder.includes('.'),
);
const sources = folders
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  )
  .filter((file) => /\.(ts|tsx|mjs)$/.test(file) && !file.endsWith('.test.ts'));

interface Import {
  readonly from: string;
  readonly to: string;
}

function importsOf(from: string): Import[] {
  const text = readFileSync(join(root, from), 'utf8');
  const named = [...text.matchAll(/(?:\bfrom |\bimport\(|^import )'(\.{1,2}\/[^']+|#datasets)'/gm)];
  return named.map(([, name = '']) => ({
    from,
    to: name === '#datasets' ? 'datasets/registry.ts' : normalize(join(dirname(from), name)),
  }));
}

/** The room that a file is in: its line of the table. */
function roomOf(file: string): string {
  const [top = '', ...rest] = file.split('/');
  if (top !== 'handlers') return top;
  if (rest[0] === 'operations') return 'handlers/operations'; // with its folders: they are subjects, not functions
  return rest.length > 2 ? `handlers/${rest[0]}/${rest[1]}` : rest.length > 1 ? `handlers/${rest[0]}` : top;
}

function isAllowed({ from, to }: Import): boolean {
  const room = roomOf(from);
  const target = roomOf(to);
  if (target === room || to === 'package.json') return true;
  const anyOf = room.replace(/^(handlers\/\w+)\/.*$/, '$1/*');
  const listed = [
    ...(arrows[room] ?? arrows[anyOf] ?? []),
    ...(from.endsWith('/handler.ts') ? (arrows['handler.ts'] ?? []) : []),
  ];
  return listed.some(
    (allowed) => allowed === target || allowed === '*' || (allowed === 'handlers/*' && roomIsPure(to)),
  );
}

/** Of the functions only the rules are anybody else's to use, not where they are put together. */
const roomIsPure = (file: string): boolean => file.startsWith('handlers/') && !file.endsWith('/handler.ts');

const breaking = (imports: readonly Import[]): string[] =>
  imports.filter((arrow) => !isAllowed(arrow)).map(({ from, to }) => `${from} imports ${to}`);

describe('arrows', () => {
  test('only go down', () => {
    const all = sources.flatMap(importsOf);
    expect(all.length).toBeGreaterThan(1_000);
    expect(breaking(all)).toEqual([]);
  });

  test.each([
    ['core/set/union.ts', 'ports/objects.ts'],
    ['ports/records.ts', 'adapters/s3/objects.ts'],
    ['adapters/s3/objects.ts', 'handlers/ingest/state-inputs.ts'],
    ['handlers/ingest/plan-merge/plan-merge.ts', 'adapters/s3/objects.ts'],
    ['handlers/ingest/plan-merge/plan-merge.ts', 'datasets/registry.ts'],
    ['handlers/ingest/validate-segment/validate-segment.ts', 'handlers/ingest/plan-ingest/plan-ingest.ts'],
    ['handlers/api/http/router.ts', 'handlers/api/contract/routes.ts'],
    ['operator/status/status.ts', 'handlers/api/query-api/handler.ts'],
    ['producer/run.ts', 'operator/shared/checks.ts'],
    ['handlers/operations/redrive.ts', 'operator/shared/checks.ts'],
    ['local/engine/cloud.ts', 'core/time/calendar.ts'],
  ])('from %s to %s is refused', (from, to) => {
    expect(breaking([{ from, to }])).toHaveLength(1);
  });
});

describe('rooms', () => {
  test('hold no more than 20 files each', () => {
    const counts = new Map<string, number>();
    for (const file of sources) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > 20)).toEqual([]);
  });

  test('hold no file over 400 lines', () => {
    const lengthOf = (file: string): number => readFileSync(join(root, file), 'utf8').split('\n').length;
    expect(sources.filter((file) => lengthOf(file) > 400)).toEqual([]);
  });
});

/** The edge is drawn in files: what is not `handler.ts` is given its clients, its environment and its clock. */
describe('the edge', () => {
  const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');
  const containing = (files: readonly string[], pattern: RegExp): string[] =>
    files.filter((file) => pattern.test(textOf(file)));
  const within = (...rooms: string[]): string[] =>
    sources.filter((file) => rooms.some((room) => file.startsWith(`${room}/`)));
  const rules = within('core', 'datasets', 'streams', 'ports', 'handlers').filter(
    (file) => !file.endsWith('/handler.ts'),
  );

  test('is where an SDK and Powertools are', () => {
    expect(rules.length).toBeGreaterThan(100);
    expect(containing(rules, /from '(@aws-sdk|@smithy|@aws-lambda-powertools)\//)).toEqual([]);
  });

  test('is where the environment is read and the clock and chance are asked', () => {
    expect(
      containing(
        rules,
        /process\.env|Date\.now\(|new Date\(\)|performance\.now|Math\.random\(|randomUUID|setTimeout\(/,
      ),
    ).toEqual([]);
  });

  test('leaves core with libraries that compute', () => {
    const libraries = ['hyparquet', 'hyparquet-writer', 'node:buffer', 'node:zlib', 'zod'];
    const imported = within('core').flatMap((file) =>
      [...textOf(file).matchAll(/\bfrom '([^'.#][^']*)'/g)].map(([, name]) => name ?? ''),
    );
    expect([...new Set(imported)].filter((name) => !libraries.includes(name))).toEqual([]);
  });

  test('of what the command lines print is one file, which shows control characters instead of sending them', () => {
    const printing = within('cli', 'operator', 'producer').filter((file) => file !== 'cli/print.ts');
    expect(containing(printing, /\bconsole\./)).toEqual([]);
  });
});
