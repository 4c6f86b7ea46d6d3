import { basename } from 'node:path';
import type { Lambda } from '../services/lambda/service.ts';
import { assetDirectory, type Stack } from './assembly.ts';
import type { LoadedTemplate } from './load.ts';

/**
 * Gives the functions that run the code of another assembly of the same app: invocations from now on have it, those under way end with
 * the code that they began with.
 * @returns false, with nothing replaced, when anything but code differs between the templates
 */
export function replaceCode(options: {
  before: readonly Stack[];
  after: readonly Stack[];
  /** Directory of the other assembly. */
  assembly: string;
  resources: LoadedTemplate['resources'];
  lambda: Lambda;
}): boolean {
  const { before, after, assembly, resources, lambda } = options;
  if (JSON.stringify(before.map(withoutCode)) !== JSON.stringify(after.map(withoutCode))) return false;
  for (const { name: stack, template } of after) {
    for (const [logicalId, { Type, Properties = {} }] of Object.entries(template.Resources ?? {})) {
      const made = resources.find((one) => one.stack === stack && one.logicalId === logicalId);
      const { S3Key } = (Properties.Code ?? {}) as { S3Key?: string };
      if (Type !== 'AWS::Lambda::Function' || made === undefined || S3Key === undefined) continue;
      const known = lambda.find(made.ref);
      const directory = assetDirectory(assembly, S3Key);
      if (basename(known.directory) !== basename(directory)) lambda.createFunction({ ...known, directory });
    }
  }
  return true;
}

/**
 * What no call goes through, so that others go on as they are: entries of catalogs for engines that don't run here; and what watches, of which
 * a new one watches from the next start on.
 */
const unasked: ReadonlySet<string> = new Set([
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Glue::Table',
]);

/** The template but for where functions' code is, and for what no call goes through. */
function withoutCode({ name, template }: Stack): object {
  const asked = Object.entries(template.Resources ?? {}).filter(([, { Type }]) => !unasked.has(Type));
  const resources = asked.map(([id, resource]) => {
    const { Metadata: _, Properties = {}, ...rest } = resource;
    const { Code, ...others } = Properties;
    return [
      id,
      {
        ...rest,
        Properties: resource.Type === 'AWS::Lambda::Function' ? others : Properties,
        inline: isInline(Code),
      },
    ];
  });
  return { name, ...template, Resources: Object.fromEntries(resources) };
}

const isInline = (code: unknown): unknown => (code as { ZipFile?: string } | undefined)?.ZipFile;
