import { describe, expect, test } from 'vitest';
import { compilePattern } from './pattern.ts';

const event = {
  source: 'aws.s3',
  detail: {
    bucket: { name: 'raw' },
    object: { key: 'raw/2026/a.gz', size: 5 },
    tags: ['x', 'y'],
    none: null,
  },
};

describe('matches', () => {
  test.each([
    { source: ['aws.s3', 'other'] },
    { detail: { object: { key: [{ prefix: 'raw/' }] } } },
    { detail: { object: { key: [{ suffix: '.gz' }] } } },
    { detail: { object: { key: [{ prefix: { 'equals-ignore-case': 'RAW/' } }] } } },
    { detail: { object: { key: [{ wildcard: 'raw/*/a.*' }] } } },
    { detail: { object: { size: [{ numeric: ['>', 0, '<=', 5] }] } } },
    { detail: { object: { size: [5] } } },
    { detail: { bucket: { name: [{ 'equals-ignore-case': 'RAW' }] } } },
    { detail: { bucket: { name: [{ 'anything-but': ['curated'] }] } } },
    { detail: { object: { key: [{ 'anything-but': { prefix: 'landing/' } }] } } },
    { detail: { object: { key: [{ exists: true }], nothing: [{ exists: false }] } } },
    { detail: { absent: { below: [{ exists: false }] } } },
    { detail: { tags: ['y'] } },
    { detail: { none: [null] } },
    { $or: [{ source: ['no'] }, { detail: { bucket: { name: ['raw'] } } }] },
    {
      detail: {
        $or: [{ object: { size: [6] } }, { object: { key: [{ prefix: 'raw/' }, { prefix: 'landing/' }] } }],
      },
    },
    {},
  ])('%j', (pattern) => expect(compilePattern(pattern)(event)).toBe(true));
});

describe('does not match', () => {
  test.each([
    { source: ['aws'] },
    { detail: { object: { key: [{ prefix: 'aw/' }] } } },
    { detail: { object: { key: [{ wildcard: 'raw/*/b.*' }] } } },
    { detail: { object: { size: [{ numeric: ['>', 5] }] } } },
    { detail: { object: { size: ['5'] } } },
    { detail: { object: { key: [{ exists: false }] } } },
    { detail: { bucket: [{ exists: true }] } },
    { detail: { nothing: [{ 'anything-but': 'x' }] } },
    { detail: { object: { key: [{ 'anything-but': { prefix: ['raw/', 'x'] } }] } } },
    { source: ['aws.s3'], detail: { bucket: { name: ['other'] } } },
    { $or: [{ source: ['no'] }, { source: ['neither'] }] },
    { source: [] },
  ])('%j', (pattern) => expect(compilePattern(pattern)(event)).toBe(false));
});

test.each([
  [{ source: [{ cidr: '10.0.0.0/8' }] }, 'cidr'],
  [{ detail: { a: { b: [{ 'starts-with': 'x' }] } } }, 'starts-with'],
  [{ a: [{ numeric: ['~', 1] }] }, 'numeric ~ 1'],
  [{ a: [{ 'anything-but': { cidr: 'x' } }] }, 'cidr'],
])('an unknown operator stops with its name: %j', (pattern, name) => {
  expect(() => compilePattern(pattern)).toThrow(`Pattern operator not supported: ${name}`);
});
