import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { arn } from '../../engine/calls.ts';
import { assetDirectory } from '../../template/assembly.ts';
import {
  type Provisioners,
  type ProvisionOptions,
  physicalId,
  physicalName,
  type Resource,
  unsupportedProperties,
} from '../../template/resource.ts';
import { urlHost } from './function-url.ts';
import type { Lambda } from './service.ts';

/** Node.js functions, whose code is an asset of the assembly or inline, and their URLs. */
export function provisionLambda(lambda: Lambda, options: ProvisionOptions): Provisioners {
  const { assembly, timeoutFactor, directory, registerCaller } = options;
  return {
    'AWS::Lambda::Function': (resource) => {
      const { stack, logicalId, properties } = resource;
      unsupportedProperties(resource, ['Layers', 'ImageConfig', 'FileSystemConfigs']);
      if (!String(properties.Runtime).startsWith('nodejs')) {
        throw new Error(
          `${stack}/${logicalId}: the local cloud runs only Node.js functions, not ${properties.Runtime}`,
        );
      }
      const name = properties.FunctionName ?? physicalName(stack, logicalId);
      const functionArn = arn('lambda', `function:${name}`);
      const logGroup = properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`;
      const { accessKeyId, secretAccessKey } = registerCaller(resource, properties.Role);
      lambda.createFunction({
        name,
        arn: functionArn,
        accessKeyId,
        secretAccessKey,
        role: properties.Role,
        directory: codeDirectory(resource, { assembly, inline: join(directory, 'inline', name) }),
        handler: properties.Handler,
        runtime: properties.Runtime,
        environment: properties.Environment?.Variables ?? {},
        memoryMiB: properties.MemorySize ?? 128,
        timeoutMs: (properties.Timeout ?? 3) * 1000 * timeoutFactor,
        logGroup,
        deadLetterArn: properties.DeadLetterConfig?.TargetArn,
        reservedConcurrency: properties.ReservedConcurrentExecutions,
      });
      return { ref: name, attributes: { Arn: functionArn } };
    },
    'AWS::Lambda::Url': (resource) => {
      const { stack, logicalId, properties } = resource;
      unsupportedProperties(resource, ['Cors', 'InvokeMode', 'Qualifier']);
      if (properties.AuthType !== 'AWS_IAM') {
        throw new Error(
          `${stack}/${logicalId}: the local cloud serves only function URLs that take signed requests (AWS_IAM), not ${properties.AuthType}`,
        );
      }
      const target = lambda.find(properties.TargetFunctionArn);
      const id = physicalId(stack, logicalId, 32);
      lambda.createUrl({ id, functionName: target.name });
      const attributes = { FunctionArn: target.arn, FunctionUrl: `https://${urlHost(id)}/` };
      return { ref: target.arn, attributes };
    },
  };
}

/** The asset's directory in the assembly, or one that is made for inline code. */
function codeDirectory(
  { stack, logicalId, properties }: Resource,
  { assembly, inline }: { assembly: string; inline: string },
): string {
  const { S3Key, ZipFile } = properties.Code ?? {};
  if (typeof ZipFile === 'string') {
    mkdirSync(inline, { recursive: true });
    // Inline code is CommonJS, whatever the project around .caudal is.
    writeFileSync(join(inline, 'package.json'), '{"type":"commonjs"}');
    writeFileSync(join(inline, 'index.js'), ZipFile);
    return inline;
  }
  const directory = assetDirectory(assembly, String(S3Key));
  if (existsSync(directory)) return directory;
  throw new Error(`${stack}/${logicalId}: the code ${S3Key} is not in ${assembly}`);
}
