import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A CloudFormation template as `cdk synth` writes it; only the sections that say what to create. */
export interface Template {
  Parameters?: Record<string, { Type: string; Default?: unknown }>;
  Mappings?: Record<string, Record<string, Record<string, unknown>>>;
  Conditions?: Record<string, unknown>;
  Resources?: Record<string, TemplateResource>;
  Outputs?: Record<string, { Value: unknown; Condition?: string; Export?: { Name: unknown } }>;
}

/** One entry of a template's `Resources`. */
export interface TemplateResource {
  Type: string;
  Properties?: Record<string, unknown>;
  Condition?: string;
  DependsOn?: string | string[];
  Metadata?: Record<string, unknown>;
}

/** One stack of an assembly. */
export interface Stack {
  name: string;
  template: Template;
}

/** Where an assembly has the asset that a function's code is. @param key of the object that it becomes: `<hash>.zip` */
export const assetDirectory = (assembly: string, key: string): string =>
  join(assembly, `asset.${key.replace(/\.zip$/, '')}`);

interface Artifact {
  type: string;
  dependencies?: string[];
  properties?: { templateFile?: string; stackName?: string };
}

/**
 * Reads a cloud assembly (`cdk.out`): its stacks, each after those that it depends on.
 * Throws when the directory holds no assembly, or one with stages, which the local cloud does not run.
 */
export function readAssembly(directory: string): Stack[] {
  const file = join(directory, 'manifest.json');
  if (!existsSync(file)) {
    throw new Error(`${directory} holds no cloud assembly: synthesize the app first (cdk synth).`);
  }
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { artifacts?: Record<string, Artifact> };
  const artifacts = manifest.artifacts ?? {};
  const stacks: Stack[] = [];
  const done = new Set<string>();
  const visit = (id: string): void => {
    const artifact = artifacts[id];
    if (!artifact || done.has(id)) return;
    done.add(id);
    for (const dependency of artifact.dependencies ?? []) visit(dependency);
    if (artifact.type === 'cdk:cloud-assembly') {
      throw new Error(`${directory} has a nested assembly (${id}); the local cloud runs stacks of one app.`);
    }
    const templateFile = artifact.properties?.templateFile;
    if (artifact.type !== 'aws:cloudformation:stack' || !templateFile) return;
    const template = JSON.parse(readFileSync(join(directory, templateFile), 'utf8')) as Template;
    stacks.push({ name: artifact.properties?.stackName ?? id, template });
  };
  for (const id of Object.keys(artifacts).sort()) visit(id);
  return stacks;
}
