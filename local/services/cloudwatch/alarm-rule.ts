export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/**
 * The rule of a composite alarm: `ALARM("a") OR (OK(b) AND NOT INSUFFICIENT_DATA("c"))`, TRUE and FALSE.
 * @returns whether it holds, given the states of alarms by name or ARN
 * @throws an Error that names the place that is not understood
 */
export function parseAlarmRule(text: string): (stateOf: (alarm: string) => AlarmState) => boolean {
  type Rule = (stateOf: (alarm: string) => AlarmState) => boolean;
  const tokens = [...text.matchAll(/"[^"]*"|[()]|[^\s()"]+/g)].map(([word]) => word);
  let next = 0;
  const fail = (): never => {
    throw new Error(`the rule ${JSON.stringify(text)} is not understood at ${tokens[next] ?? 'its end'}`);
  };
  const take = (): string => tokens[next++] ?? fail();
  const expect = (wanted: string): void => {
    if (tokens[next] !== wanted) fail();
    next++;
  };
  const either = (): Rule => {
    let rule = both();
    while (tokens[next] === 'OR') {
      next++;
      const [a, b] = [rule, both()];
      rule = (stateOf) => a(stateOf) || b(stateOf);
    }
    return rule;
  };
  const both = (): Rule => {
    let rule = one();
    while (tokens[next] === 'AND') {
      next++;
      const [a, b] = [rule, one()];
      rule = (stateOf) => a(stateOf) && b(stateOf);
    }
    return rule;
  };
  const one = (): Rule => {
    const word = take();
    if (word === 'TRUE' || word === 'FALSE') return () => word === 'TRUE';
    if (word === 'NOT') {
      const rule = one();
      return (stateOf) => !rule(stateOf);
    }
    if (word === '(') {
      const rule = either();
      expect(')');
      return rule;
    }
    if (word !== 'ALARM' && word !== 'OK' && word !== 'INSUFFICIENT_DATA') {
      next--;
      fail();
    }
    expect('(');
    const name = take()
      .replace(/^"|"$/g, '')
      .replace(/^arn:.*:alarm:/, '');
    expect(')');
    return (stateOf) => stateOf(name) === word;
  };
  const rule = either();
  if (next < tokens.length) fail();
  return rule;
}
