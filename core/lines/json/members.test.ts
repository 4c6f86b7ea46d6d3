import fc from 'fast-check';
import { expect, test } from 'vitest';
import { elementTexts, repeatedKeyFault } from './members.ts';

test('the elements of any JSON array are its elements, each as it is written', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 1), (list, indent) => {
      const text = JSON.stringify(list, null, indent);
      expect(elementTexts(text).map((element) => JSON.parse(element))).toEqual(JSON.parse(text));
      expect(elementTexts(`${text}]},{"a":[`)).toEqual(elementTexts(text));
    }),
  );
});

test('a key that is there twice is named, however it is written; any other object has no fault', () => {
  const name = fc.string({ unit: 'grapheme', maxLength: 4 });
  const object = fc.dictionary(name, fc.jsonValue(), { noNullPrototype: true });
  fc.assert(
    fc.property(object, fc.nat(), (value, at) => {
      const text = JSON.stringify(value);
      expect(repeatedKeyFault(text, JSON.parse(text))).toBeUndefined();
      const keys = Object.keys(value);
      const key = keys[at % Math.max(1, keys.length)];
      if (key === undefined) return;
      const escaped = [...key].map((character) => [...Array(character.length).keys()].map((unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`).join('')); // biome-ignore format: short
      const twice = text.replace('{', () => `{"${escaped.join('')}" : {"b":[1]},`);
      expect(repeatedKeyFault(twice, JSON.parse(twice))).toMatchObject({
        reason: 'unknown-field',
        detail: expect.stringContaining(`is given twice`),
      });
      expect(repeatedKeyFault(`[${twice}]`, [JSON.parse(twice)])).toBeUndefined();
      const outer = `{"x":"{","o":${twice}}`;
      expect(repeatedKeyFault(outer, JSON.parse(outer))).toBeUndefined();
      expect(repeatedKeyFault(outer, JSON.parse(outer), ['o'])).toBeDefined();
    }),
  );
});
