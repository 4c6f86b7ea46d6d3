import { expect, test } from 'vitest';
import { en } from './en.ts';
import { es } from './es.ts';

/** What is 1, and so are all figures that it has by a name. */
const one: unknown = new Proxy(
  {},
  {
    get: (_, name) => {
      if (name === Symbol.toPrimitive) return () => '1';
      const own: unknown = Reflect.get(String.prototype, name);
      return typeof own === 'function' ? own.bind('1') : '1';
    },
  },
);

/** Every text of a language, with one of whatever it counts. */
function textsOf(part: unknown): string[] {
  if (typeof part === 'string') return [part];
  if (Array.isArray(part)) return part.flatMap(textsOf);
  if (typeof part === 'object' && part !== null) return Object.values(part).flatMap(textsOf);
  if (typeof part !== 'function') return [];
  return textsOf(part(one, one, one, one, one));
}

test.each([
  [
    'English',
    en,
    /(^|[^.\d])1 (readings|days|lines|files|events|sensors|alerts|rows|objects|jobs|values|executions|commits|things)\b/,
  ],
  [
    'Spanish',
    es,
    /(^|[^.\d])1 (lecturas|días|líneas|archivos|eventos|sensores|alertas|filas|objetos|trabajos|valores|ejecuciones|decisiones|cosas)\b/,
  ],
])('one of a thing is not many of it, in %s', (_, text, many) => {
  const texts = textsOf(text);
  expect(texts.length).toBeGreaterThan(300);
  expect(texts.filter((each) => many.test(each))).toEqual([]);
});
