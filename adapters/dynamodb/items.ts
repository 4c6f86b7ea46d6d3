/** What every table of Caudal's but the idempotency one is keyed by. */
export interface ItemKey {
  pk: string;
  sk: string;
}

/** Attributes by name. Numbers are finite and, as integers, within ±(2^53 - 1); `undefined` is no attribute. */
export type Item = Record<string, unknown>;

/** What an update does to an item: each attribute is in one of the first four at most. */
export interface Changes {
  set?: Item;
  /** Set where there is none yet. */
  setOnce?: Item;
  remove?: readonly string[];
  /** Added to what is there, or to 0. */
  add?: Readonly<Record<string, number>>;
  /** Otherwise nothing happens. `values` by the placeholders, without their colon, that only the expression has. */
  condition?: { expression: string; values: Item };
}

/**
 * The changes as parameters of an UpdateCommand. Every name goes through a placeholder, `#name` for `name`, since DynamoDB
 * reserves hundreds of words; a condition can use the same placeholders for names that occur in the changes.
 */
export function updateExpression({ set = {}, setOnce = {}, remove = [], add = {}, condition }: Changes) {
  const clause = (word: string, parts: string[]) =>
    parts.length === 0 ? [] : [`${word} ${parts.join(', ')}`];
  const clauses = [
    ...clause('SET', [
      ...Object.keys(set).map((name) => `#${name} = :${name}`),
      ...Object.keys(setOnce).map((name) => `#${name} = if_not_exists(#${name}, :${name})`),
    ]),
    ...clause(
      'REMOVE',
      remove.map((name) => `#${name}`),
    ),
    ...clause(
      'ADD',
      Object.keys(add).map((name) => `#${name} :${name}`),
    ),
  ];
  const values = { ...set, ...setOnce, ...add };
  return {
    UpdateExpression: clauses.join(' '),
    ExpressionAttributeNames: Object.fromEntries(
      [...Object.keys(values), ...remove].map((name) => [`#${name}`, name]),
    ),
    ExpressionAttributeValues: Object.fromEntries(
      Object.entries({ ...values, ...condition?.values }).map(([name, value]) => [`:${name}`, value]),
    ),
    ...(condition && { ConditionExpression: condition.expression }),
  };
}
