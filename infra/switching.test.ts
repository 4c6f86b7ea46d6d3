import { describe, expect, test } from 'vitest';
import { everyOptionOff, everyOptionOn } from '../test/support/infra/option-sets.ts';
import { type Synthesized, synthesize } from '../test/support/infra/synthesized.ts';

const on = synthesize(everyOptionOn);
const off = synthesize(everyOptionOff);

const stackOf = (name: string): string => `Caudal${name.charAt(0).toUpperCase()}${name.slice(1)}`;

const exportsOf = (templates: Synthesized): Set<string> =>
  new Set(
    Object.values(templates).flatMap((template) =>
      Object.values(template.toJSON().Outputs ?? {}).flatMap(
        (output) => (output as { Export?: { Name: string } }).Export?.Name ?? [],
      ),
    ),
  );

const importsOf = (templates: Synthesized): Set<string> =>
  new Set(
    Object.values(templates).flatMap((template) =>
      [...JSON.stringify(template.toJSON()).matchAll(/"Fn::ImportValue":"([^"]+)"/g)].map(
        ([, name = '']) => name,
      ),
    ),
  );

/**
 * What CloudFormation would refuse: it updates a stack before those that import from it, and takes away no export that one of them, as
 * it was, still imports. A stack that is not among the later ones is left as it is.
 */
function refused(before: Synthesized, after: Synthesized): string[] {
  const deployed = new Set(Object.keys(after).map(stackOf));
  const there = exportsOf(after);
  return [...importsOf(before)].filter((name) => deployed.has(name.split(':')[0] ?? '') && !there.has(name));
}

describe('an option is switched by one deployment', () => {
  const { console: page, ...others } = on;

  test('on', () => {
    expect(importsOf(off).size).toBeGreaterThan(20);
    expect(refused(off, on)).toEqual([]);
  });

  test('off, but for decisions, for which docs/deploying.md has two', () => {
    const ofStreams = refused(others, off);
    expect(ofStreams).toHaveLength(2);
    for (const name of ofStreams)
      expect(name).toMatch(/^CaudalData:ExportsOutput(Ref|FnGetAtt)TablesStreams/);
  });

  test('off one by one: what requires the network, what inspects it', () => {
    const calm = { ...everyOptionOn, 'caudal:requireNetwork': false };
    expect(refused(on, synthesize(calm))).toEqual([]);
    expect(refused(on, synthesize({ ...calm, 'caudal:network': 'private' }))).toEqual([]);
  });

  test('but the console, which imports what nothing else does, and has to be destroyed before', () => {
    expect(refused({ console: page } as Synthesized, off).length).toBeGreaterThan(0);
  });
});
