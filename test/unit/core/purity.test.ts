import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../../', import.meta.url);
const files = ['core', 'datasets']
  .flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true }).map((file) => `${folder}/${file}`),
  )
  .filter((file) => file.endsWith('.ts') && file !== 'datasets/registry.ts');

test.each(files)('%s touches no SDK, file, environment, clock or chance', (file) => {
  const source = readFileSync(new URL(file, root), 'utf8');
  const imported = [...source.matchAll(/\bfrom '([^'.#][^']*)'/g)].map((match) => match[1]);
  const pure = ['hyparquet', 'hyparquet-writer', 'node:buffer', 'node:zlib', 'zod'];
  expect(imported.filter((name) => !pure.includes(name ?? ''))).toEqual([]);
  expect(source).not.toMatch(/Date\.now|new Date\(\)|performance\.|process\.|Math\.random|randomUUID/);
});
