import { accountId, region } from '../engine/calls.ts';
import type { Stack, Template, TemplateResource } from './assembly.ts';
import { referencesIn, resolve, type Scope } from './intrinsics.ts';
import type { Provisioned, Provisioners, Resource } from './resource.ts';

/** All that the template describes, created. */
export interface LoadedTemplate {
  /** By stack name, then by the output's logical id. */
  outputs: Record<string, Record<string, string>>;
  /** In order of creation. */
  resources: readonly (Resource & Provisioned)[];
}

/**
 * Creates the resources of the stacks by the provisioners' table, in the order of their references.
 * @throws {Error} that names the type and the resource, when a type is not in the table
 */
export async function loadTemplate(
  stacks: readonly Stack[],
  provisioners: Provisioners,
): Promise<LoadedTemplate> {
  assertTypesKnown(stacks, provisioners);
  const exported = new Map<string, unknown>();
  const outputs: LoadedTemplate['outputs'] = {};
  const resources: (Resource & Provisioned)[] = [];
  for (const { name: stack, template } of stacks) {
    const created = new Map<string, Provisioned>();
    const scope = scopeOf({ stack, template, created, exported });
    for (const logicalId of creationOrder(template)) {
      const declared = template.Resources?.[logicalId];
      if (!declared || (declared.Condition && !scope.condition(declared.Condition))) continue;
      const resource = resourceOf(stack, logicalId, declared, scope);
      const provision = provisioners[declared.Type];
      const provisioned = await provision?.(resource);
      if (!provisioned) continue;
      created.set(logicalId, provisioned);
      resources.push({ ...resource, ...provisioned });
    }
    outputs[stack] = {};
    for (const [id, output] of Object.entries(template.Outputs ?? {})) {
      if (output.Condition && !scope.condition(output.Condition)) continue;
      const value = resolve(output.Value, scope);
      outputs[stack][id] = String(value);
      if (output.Export) exported.set(String(resolve(output.Export.Name, scope)), value);
    }
  }
  return { outputs, resources };
}

function assertTypesKnown(stacks: readonly Stack[], provisioners: Provisioners): void {
  const unknown = stacks.flatMap(({ name, template }) =>
    Object.entries(template.Resources ?? {})
      .filter(([, { Type }]) => !provisioners[Type])
      .map(([id, { Type }]) => `${Type} (${name}/${id})`),
  );
  if (unknown.length === 0) return;
  throw new Error(
    `The local cloud does not know: ${unknown.join(', ')}. Provision the type in the folder of its service in ` +
      'local/services/, or, when it needs no local behaviour, add it with the reason to local/template/ignored.ts.',
  );
}

function resourceOf(stack: string, logicalId: string, declared: TemplateResource, scope: Scope): Resource {
  try {
    const properties = resolve(declared.Properties ?? {}, scope) as Record<string, unknown>;
    return { stack, logicalId, type: declared.Type, properties, metadata: declared.Metadata ?? {} };
  } catch (error) {
    throw new Error(`${stack}/${logicalId}: ${(error as Error).message}`, { cause: error });
  }
}

/** Logical ids so that each comes after those it refers to or depends on. */
function creationOrder(template: Template): string[] {
  const declared = template.Resources ?? {};
  const order: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (id: string, path: readonly string[]): void => {
    const resource = declared[id];
    if (!resource || state.get(id) === 'done') return;
    if (state.get(id) === 'open') throw new Error(`Circular dependency: ${[...path, id].join(' → ')}`);
    state.set(id, 'open');
    for (const other of [...referencesIn(resource.Properties), ...[resource.DependsOn ?? []].flat()]) {
      visit(other, [...path, id]);
    }
    state.set(id, 'done');
    order.push(id);
  };
  for (const id of Object.keys(declared)) visit(id, []);
  return order;
}

function scopeOf(options: {
  stack: string;
  template: Template;
  created: ReadonlyMap<string, Provisioned>;
  exported: ReadonlyMap<string, unknown>;
}): Scope {
  const { stack, template, created, exported } = options;
  const pseudo: Record<string, unknown> = {
    'AWS::AccountId': accountId,
    'AWS::Region': region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stack,
    'AWS::StackId': `arn:aws:cloudformation:${region}:${accountId}:stack/${stack}/local`,
    'AWS::NotificationARNs': [],
  };
  const scope: Scope = {
    ref(name) {
      if (Object.hasOwn(pseudo, name)) return pseudo[name];
      const resource = created.get(name);
      if (resource) return resource.ref;
      const parameter = template.Parameters?.[name];
      if (parameter?.Default !== undefined) return parameter.Default;
      if (parameter) throw new Error(`parameter ${name} has no default; the local cloud passes none`);
      throw new Error(`Ref to ${name}, which the template does not create`);
    },
    getAtt(logicalId, attribute) {
      const resource = created.get(logicalId);
      if (!resource) throw new Error(`GetAtt of ${logicalId}, which the template does not create`);
      const value = resource.attributes?.[attribute] ?? resource.lists?.[attribute];
      if (value === undefined) {
        throw new Error(`GetAtt ${logicalId}.${attribute}: the local cloud does not know that attribute`);
      }
      return value;
    },
    importValue(name) {
      if (!exported.has(name))
        throw new Error(`Fn::ImportValue of ${name}, which no stack before it exports`);
      return exported.get(name);
    },
    condition(name) {
      const expression = template.Conditions?.[name];
      if (expression === undefined) throw new Error(`condition ${name} is not in the template`);
      return resolve(expression, scope) === true;
    },
    mapping(map, first, second) {
      const value = template.Mappings?.[map]?.[first]?.[second];
      if (value === undefined) throw new Error(`Fn::FindInMap: no ${map}.${first}.${second}`);
      return value;
    },
  };
  return scope;
}
