import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A cloud assembly of one stack `Test`, in a directory of its own. */
export function writeAssembly(
  resources: Record<string, object>,
  outputs: Record<string, object> = {},
  more: object = {},
): { assembly: string; directory: string } {
  const root = mkdtempSync(join(tmpdir(), 'caudal-cloud-'));
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
    JSON.stringify({ ...more, Resources: resources, Outputs: outputs }),
  );
  return { assembly, directory: join(root, '.caudal') };
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
export const anyPorts = { endpoint: 0, api: 0, token: 0 };
