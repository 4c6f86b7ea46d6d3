import { expect, test } from 'vitest';
import { ByteDictionary, hashed } from './byte-dictionary.ts';

const hashOf = (bytes: Buffer) => bytes.reduce(hashed, 0);

function filled(texts: readonly string[]): ByteDictionary<number> {
  const dictionary = new ByteDictionary<number>();
  texts.forEach((text, index) => {
    const bytes = Buffer.from(`..${text}.`);
    dictionary.remember(bytes, 2, bytes.length - 1, hashOf(Buffer.from(text)), index);
  });
  return dictionary;
}

function find(dictionary: ByteDictionary<number>, text: string): number | undefined {
  const bytes = Buffer.from(`:${text}:`);
  return dictionary.find(bytes, 1, bytes.length - 1, hashOf(Buffer.from(text)));
}

test('texts are found by their bytes, however many there are', () => {
  const texts = Array.from({ length: 20_000 }, (_, index) => `station-${index}`);
  const dictionary = filled(texts);
  expect(texts.every((text, index) => find(dictionary, text) === index)).toBe(true);
  expect(find(dictionary, 'station-20000')).toBeUndefined();
  expect(find(dictionary, '')).toBeUndefined();
});

test('texts of one hash are told apart; of many of them the look-up gives up instead of taking ever longer', () => {
  // 'Aa' and 'BB' have one hash, and so have all texts made of them.
  const texts = Array.from({ length: 1_024 }, (_, bits) =>
    Array.from({ length: 10 }, (_, at) => ((bits >> at) & 1 ? 'Aa' : 'BB')).join(''),
  );
  expect(new Set(texts.map((text) => hashOf(Buffer.from(text)))).size).toBe(1);
  const dictionary = filled(texts);
  const found = texts.map((text) => find(dictionary, text));
  expect(found.slice(0, 32)).toEqual(Array.from({ length: 32 }, (_, index) => index));
  expect(found.slice(32).every((value) => value === undefined)).toBe(true);
});

test('a text is not another of the same hash that it begins with, or that begins with it, whatever stands beside them', () => {
  const dictionary = new ByteDictionary<string>();
  const bytes = Buffer.from('ab:c:');
  dictionary.remember(bytes, 0, 2, 7, 'ab');
  dictionary.remember(bytes, 2, 4, 8, ':c');
  const found = (from: number, to: number, hash: number) => dictionary.find(bytes, from, to, hash);
  expect([found(0, 2, 7), found(2, 4, 8)]).toEqual(['ab', ':c']);
  expect([found(0, 1, 7), found(0, 3, 7), found(0, 4, 7), found(1, 2, 7)]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('past its bound it takes no more', () => {
  const dictionary = filled(Array.from({ length: 65_540 }, (_, index) => String(index)));
  expect([find(dictionary, '65535'), find(dictionary, '65536')]).toEqual([65_535, undefined]);
});
