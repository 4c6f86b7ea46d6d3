/** Makes of a message what a rule's SELECT says. */
export interface RuleSql {
  /** As it was written. */
  readonly text: string;
  /** The topic filter. */
  readonly from: string;
  /** @returns what the actions are given: the message itself for `SELECT *`, else JSON with the members in order */
  select(message: { readonly topic: string; readonly payload: Buffer }): Buffer;
}

type Value = (message: { readonly topic: string; readonly payload: Buffer }) => unknown;

/** The expressions that are built, each with what it comes to; `undefined` is left out, as AWS's Undefined is. */
const expressions: readonly (readonly [pattern: RegExp, value: (match: RegExpExecArray) => Value])[] = [
  [
    /^topic\(\s*(\d+)\s*\)$/i,
    ([, level]) =>
      ({ topic }) =>
        topic.split('/')[Number(level) - 1],
  ],
  [
    /^topic\(\s*\)$/i,
    () =>
      ({ topic }) =>
        topic,
  ],
  [
    /^encode\(\s*\*\s*,\s*'base64'\s*\)$/i,
    () =>
      ({ payload }) =>
        payload.toString('base64'),
  ],
  [
    /^decode\(\s*encode\(\s*\*\s*,\s*'base64'\s*\)\s*,\s*'base64'\s*\)$/i,
    () =>
      ({ payload }) =>
        jsonOrText(payload.toString('utf8')),
  ],
];

/**
 * Reads the SQL of a rule: `SELECT * FROM 'filter'`, or items of the expressions above, each with its name.
 * @throws {Error} that names what is not built: it would be left out without a word otherwise
 */
export function parseRuleSql(sql: string): RuleSql {
  const match = /^\s*SELECT\s+(.+?)\s+FROM\s+'([^']+)'\s*(.*)$/is.exec(sql);
  const [, list = '', from = '', rest = ''] = match ?? [];
  if (match === null) throw new Error(`no SELECT … FROM '…' is in ${JSON.stringify(sql)}`);
  if (rest !== '') throw new Error(`${JSON.stringify(rest)} of its SQL is not built`);
  if (list === '*') return { text: sql, from, select: ({ payload }) => payload };
  const items = splitItems(list).map((item) => {
    const [, expression = '', name = ''] = /^(.*\S)\s+AS\s+(\w+)$/is.exec(item) ?? [];
    for (const [pattern, value] of expressions) {
      const found = pattern.exec(expression);
      if (found !== null) return [name, value(found)] as const;
    }
    throw new Error(`${JSON.stringify(item)} of its SQL is not built`);
  });
  return {
    text: sql,
    from,
    select(message) {
      const selected = items.map(([name, value]) => [name, value(message)] as const);
      return Buffer.from(JSON.stringify(Object.fromEntries(selected)));
    },
  };
}

/** As `decode` answers: a JSON document as what it is, anything else as a text. */
function jsonOrText(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : text;
  } catch {
    return text;
  }
}

/** At the commas that stand in no brackets. */
function splitItems(list: string): string[] {
  const items = [''];
  let depth = 0;
  for (const character of list) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) items.push('');
    else items.push(`${items.pop()}${character}`);
  }
  return items.map((item) => item.trim());
}

/** Whether a topic is one of a filter's, by MQTT's rules. */
export function matchesFilter(filter: string, topic: string): boolean {
  const levels = topic.split('/');
  const wanted = filter.split('/');
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (index >= levels.length || (level !== '+' && level !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}
