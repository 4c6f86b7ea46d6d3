import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];
// Before the tests' own hooks, so it runs after them: they close what works in these folders.
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** A cloud assembly of one stack `Test`, in a directory of its own. Roles that it names and does not have are added. */
export function writeAssembly(
  resources: Record<string, object>,
  outputs: Record<string, object> = {},
  more: object = {},
): { assembly: string; directory: string } {
  const root = mkdtempSync(join(tmpdir(), 'caudal-cloud-'));
  made.push(root);
  const assembly = join(root, 'cdk.out');
  mkdirSync(assembly);
  writeFileSync(
    join(assembly, 'manifest.json'),
    JSON.stringify({
      artifacts: {
        Test: { type: 'aws:cloudformation:stack', properties: { templateFile: 'Test.template.json' } },
      },
    }),
  );
  writeFileSync(
    join(assembly, 'Test.template.json'),
    JSON.stringify({ ...more, Resources: { ...rolesFor(resources), ...resources }, Outputs: outputs }),
  );
  return { assembly, directory: join(root, '.caudal') };
}

/** A role for each `role/<name>` in the resources: any service may assume it, and it may do everything. */
function rolesFor(resources: object): Record<string, object> {
  const named = [...JSON.stringify(resources).matchAll(/arn:aws:iam::000000000000:role\/(\w+)/g)];
  const services = ['lambda', 'states', 'pipes', 'events', 'firehose', 'iot'].map(
    (service) => `${service}.amazonaws.com`,
  );
  return Object.fromEntries(
    named.map(([, name]) => [
      `Role${name}`,
      {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: name,
          AssumeRolePolicyDocument: {
            Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: services } }],
          },
          Policies: [
            {
              PolicyName: 'all',
              PolicyDocument: { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
            },
          ],
        },
      },
    ]),
  );
}

/** That a service may invoke a function of the template. */
export function invokedBy(service: string, functionId: string): object {
  return {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: { 'Fn::GetAtt': [functionId, 'Arn'] },
      Principal: `${service}.amazonaws.com`,
    },
  };
}

/** A function with inline code, CommonJS. */
export function inlineFunction(code: string, properties: object = {}): object {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: { ZipFile: code },
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Role: 'arn:aws:iam::000000000000:role/function',
      ...properties,
    },
  };
}

/** Ports that are free, for tests that start several clouds. */
export const anyPorts = { endpoint: 0, api: 0, token: 0, console: 0, mqtt: 0 };
