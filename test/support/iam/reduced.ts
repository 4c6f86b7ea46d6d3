import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Template } from '../../../local/template/assembly.ts';
import type { Grant } from './grants.ts';

type Json = Record<string, unknown>;

/** A copy of the assembly whose template lacks the grant, as if infra/ had never made it. */
export function reducedAssembly(assembly: string, grant: Grant): { assembly: string; remove(): void } {
  const { stack } = grant.statement.origin;
  const copy = mkdtempSync(join(tmpdir(), 'caudal-reduced-'));
  for (const name of readdirSync(assembly)) {
    const from = join(assembly, name);
    if (name !== `${stack}.template.json`) symlinkSync(from, join(copy, name));
    else
      writeFileSync(join(copy, name), JSON.stringify(reduced(JSON.parse(readFileSync(from, 'utf8')), grant)));
  }
  return { assembly: copy, remove: () => rmSync(copy, { recursive: true }) };
}

function reduced(template: Template, { statement, action, resource }: Grant): Template {
  const { logicalId, property, statement: index } = statement.origin;
  const { [logicalId]: owner, ...others } = template.Resources ?? {};
  // A permission of a function is a resource by itself.
  if (property === '') return { ...template, Resources: others };
  const document = property
    .split('.')
    .reduce<Json>((value, name) => value[name] as Json, owner?.Properties ?? {});
  const statements = document.Statement as Json[];
  const written = statements[index] as Json;
  if (action !== undefined) written.Action = less(written.Action, statement.actions.indexOf(action));
  else if (resource !== undefined)
    written.Resource = less(written.Resource, statement.resources.indexOf(resource));
  else statements.splice(index, 1);
  return template;
}

function less(list: unknown, index: number): unknown[] {
  return (list as unknown[]).filter((_, at) => at !== index);
}
