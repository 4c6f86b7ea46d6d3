import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const pages = globSync(['*.md', 'docs/*.md', 'docs/adr/*.md', 'bench/*.md'], { cwd: root }).sort();
const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');
const prose = (page: string): string => textOf(page).replace(/^```.*?^```$/gms, '');

/** What has a slash and is no path of the repository: S3 prefixes, scopes, media types, npm packages, addresses, constructs, what is made by running. */
const otherThings =
  /^(\/|\*\/|https?:|s3:|@|Caudal\w+\/|\.caudal\/|(raw|landing|reports|made|rejects|curated|staging|errors|caudal|application|text|image|node_modules|logs|s3|firehose)\/)/;

/** Paths in backticks: `core/set/union.ts`, `local/services/`, `producer/spool/*.ts`, `handlers/api/<function>/`. */
function pathsIn(page: string): string[] {
  const spans = [...prose(page).matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  return spans.filter((span) => /^[\w@.*<>-]+\/[\w@.*<>/-]*$/.test(span) && !otherThings.test(span));
}

/** A placeholder stands for any name. */
const isThere = (path: string): boolean =>
  globSync(path.replaceAll(/<[^>]*>/g, '*'), { cwd: root }).length > 0;

/** The anchors that GitHub gives the headings of a page. */
function anchorsOf(page: string): string[] {
  const headings = [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

interface Link {
  readonly file: string;
  readonly anchor: string | undefined;
}

function linksIn(page: string): Link[] {
  return [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor] = target.split('#');
      return { file: path === '' ? page : relative(root, join(root, dirname(page), path)) || '.', anchor };
    });
}

function brokenLinks(page: string): string[] {
  return linksIn(page)
    .filter(
      ({ file, anchor }) =>
        !existsSync(join(root, file)) || (anchor !== undefined && !anchorsOf(file).includes(anchor)),
    )
    .map(({ file, anchor }) => (anchor === undefined ? file : `${file}#${anchor}`));
}

/** What a reader may type: `node bench/api.ts`, `npm run check`. */
function missingCommands(page: string): string[] {
  const text = textOf(page);
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
  const files = [...text.matchAll(/\bnode ([\w-]+\/[\w./-]+\.(?:ts|mjs))/g)].map(([, file = '']) => file);
  const named = [...text.matchAll(/\bnpm run (?:-s )?([\w:]+)/g)].map(([, script = '']) => script);
  return [
    ...files.filter((file) => !existsSync(join(root, file))),
    ...named.filter((name) => !(name in scripts)),
  ];
}

describe.each(pages)('%s', (page) => {
  test('names paths that exist', () => {
    expect(pathsIn(page).filter((path) => !isThere(path))).toEqual([]);
  });

  test('links to files and headings that exist', () => {
    expect(brokenLinks(page)).toEqual([]);
  });

  test('gives commands that exist', () => {
    expect(missingCommands(page)).toEqual([]);
  });
});

test('paths, links and commands are found in the pages', () => {
  expect(pathsIn('docs/guarantees.md')).toContain('test/property/union.test.ts');
  expect(linksIn('README.md').map(({ file }) => file)).toContain('docs/overview.md');
  expect(anchorsOf('docs/configuration.md')).toContain('removing-an-installation');
  expect(isThere('core/nowhere/') || isThere('handlers/nowhere/<file>.ts')).toBe(false);
});
