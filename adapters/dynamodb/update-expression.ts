/** Attributes to set, to set where there is none yet, to remove, and numbers to add to. */
export interface Changes {
  set?: Readonly<Record<string, unknown>>;
  setOnce?: Readonly<Record<string, unknown>>;
  remove?: readonly string[];
  add?: Readonly<Record<string, number>>;
}

/**
 * The changes as parameters of an UpdateCommand. Every name goes through a placeholder, `#name` for `name`, since DynamoDB
 * reserves hundreds of words; a condition can use the same placeholders for names that occur in the changes.
 */
export function updateExpression({ set = {}, setOnce = {}, remove = [], add = {} }: Changes) {
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
      Object.entries(values).map(([name, value]) => [`:${name}`, value]),
    ),
  };
}
