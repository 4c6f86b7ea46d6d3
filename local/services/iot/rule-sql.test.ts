import { describe, expect, test } from 'vitest';
import { matchesFilter, parseRuleSql } from './rule-sql.ts';

const selected = (sql: string, payload: string, topic = 'a/tide/buoy') =>
  parseRuleSql(sql)
    .select({ topic, payload: Buffer.from(payload) })
    .toString();

describe('a SELECT', () => {
  test('of * is the message, whatever it is', () => {
    expect(selected("SELECT * FROM 'a/#'", '\u0000not json')).toBe('\u0000not json');
  });

  test('puts around it what the rule knows, which no message can write', () => {
    const sql =
      "SELECT decode(encode(*, 'base64'), 'base64') AS message, topic(2) AS topicDataset, topic(3) AS thing FROM 'a/+/+'";
    expect(selected(sql, '{"thing": "other"}')).toBe(
      '{"message":{"thing":"other"},"topicDataset":"tide","thing":"buoy"}',
    );
    expect(JSON.parse(selected(sql, '[1, 2]')).message).toEqual([1, 2]);
    expect(JSON.parse(selected(sql, 'level=3')).message).toBe('level=3');
    expect(selected("SELECT topic() AS t, topic(9) AS none, encode(*, 'base64') AS b FROM 'a'", 'x')).toBe(
      '{"t":"a/tide/buoy","b":"eA=="}',
    );
  });

  test.each([
    ["SELECT temperature FROM 'a'", '"temperature" of its SQL is not built'],
    ["SELECT *, topic(2) AS t FROM 'a'", '"*" of its SQL is not built'],
    ["SELECT timestamp() AS ts FROM 'a'", '"timestamp() AS ts" of its SQL is not built'],
    ["SELECT * FROM 'a' WHERE x > 1", '"WHERE x > 1" of its SQL is not built'],
    ['SELECT *', 'no SELECT … FROM'],
  ])('%s is refused by name', (sql, fault) => expect(() => parseRuleSql(sql)).toThrow(fault));
});

test.each([
  ['a/+/c', 'a/b/c', true],
  ['a/+', 'a/b/c', false],
  ['a/#', 'a/b/c', true],
  ['a/#', 'a', true],
  ['a/b', 'a', false],
  ['a/+/+', 'a//c', true],
])('the filter %s takes %s: %s', (filter, topic, takes) => expect(matchesFilter(filter, topic)).toBe(takes));
