import { App, Stack } from 'aws-cdk-lib';
import { InterfaceVpcEndpointAwsService } from 'aws-cdk-lib/aws-ec2';
import { describe, expect, test } from 'vitest';
import { type DeployedResource, deployed, places, stacksOf } from '../test/support/infra/deployed.ts';
import { everyOptionOn } from '../test/support/infra/option-sets.ts';
import { synthesize } from '../test/support/infra/synthesized.ts';

const stacks = stacksOf(synthesize(everyOptionOn));

/** Every string in the properties of a resource; of a state machine's definition, what its substitutions make of it. */
function textsOf({ properties }: DeployedResource): string[] {
  const text = JSON.stringify({
    ...properties,
    DefinitionString: String(properties.DefinitionString).replace(
      /\$\{(\w+)\}/g,
      (_, name: string) => properties.DefinitionSubstitutions[name],
    ),
  });
  return text.match(/\barn:[^"\\]*/g) ?? [];
}

describe.each(Object.entries(places))('in %s', (_, place) => {
  const resources = deployed(stacks, place);

  test('every ARN is of the partition', () => {
    const arns = resources.flatMap(textsOf);
    expect(arns.length).toBeGreaterThan(200);
    expect(arns.filter((arn) => !arn.startsWith(`arn:${place.partition}:`))).toEqual([]);
  });

  test('every integration of the state machines is of the partition', () => {
    const definitions = resources.filter(({ type }) => type === 'AWS::StepFunctions::StateMachine');
    for (const definition of definitions) {
      expect(textsOf(definition)).toContain(`arn:${place.partition}:states:::lambda:invoke`);
    }
    expect(definitions).toHaveLength(2);
  });
});

test.each([
  ['aws', 'auth.eu-west-1'],
  ['govCloud', 'auth-fips.us-gov-west-1'], // it has no other
] as const)('in %s tokens are issued at %s', (name, host) => {
  const urls = deployed(stacks, places[name]).flatMap(
    ({ properties }) => properties.Environment?.Variables.TOKEN_URL ?? [],
  );
  expect(urls).toEqual([`https://caudal-123456789012.${host}.amazoncognito.com/oauth2/token`]);
});

test('the log groups of China are encrypted for the service as it is called there', () => {
  const [key] = deployed(stacks, places.china).filter(({ type }) => type === 'AWS::KMS::Key');
  expect(JSON.stringify(key?.properties.KeyPolicy)).toContain('"logs.cn-north-1.amazonaws.com.cn"');
});

describe('in cn-north-1, as a stage of a pipeline names it', () => {
  const there = synthesize({ ...everyOptionOn, 'caudal:console': false }, places.china.region);

  test('no template has an ARN of another partition', () => {
    const texts = Object.values(there).map((template) => JSON.stringify(template.toJSON()));
    expect(texts.join().match(/arn:aws-cn:/g)?.length).toBeGreaterThan(50);
    expect(texts.flatMap((text) => text.match(/arn:aws(?!-cn:)[^"]*/g) ?? [])).toEqual([]);
  });

  // The CDK knows these names from AWS's list, where it knows the Region.
  test.each([
    ['there', stacksOf(there)],
    ['anywhere', stacks],
  ])('templates that are made for %s have the endpoints that are there', (_, made) => {
    const stack = new Stack(new App(), 'Names', { env: { region: places.china.region } });
    const names = deployed(made, places.china).flatMap(({ type, properties }) =>
      type === 'AWS::EC2::VPCEndpoint' && properties.VpcEndpointType === 'Interface'
        ? [properties.ServiceName as string]
        : [],
    );
    expect(names).toContain('cn.com.amazonaws.cn-north-1.states');
    const known = names.map((name) => new InterfaceVpcEndpointAwsService(name.split('.').at(-1) as string));
    expect(names).toEqual(known.map(({ name }) => stack.resolve(name)));
  });
});
