import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A copy of the assembly whose policies, by stack, lack these actions, as if somebody had changed the roles by hand. */
export function changedTemplates(
  assembly: string,
  withoutActions: Readonly<Record<string, readonly string[]>>,
): { assembly: string; remove(): void } {
  const copy = mkdtempSync(join(tmpdir(), 'caudal-changed-'));
  for (const name of readdirSync(assembly)) {
    const from = join(assembly, name);
    const actions = withoutActions[name.replace('.template.json', '')];
    if (actions === undefined) symlinkSync(from, join(copy, name));
    else writeFileSync(join(copy, name), changed(readFileSync(from, 'utf8'), actions));
  }
  return { assembly: copy, remove: () => rmSync(copy, { recursive: true }) };
}

function changed(template: string, actions: readonly string[]): string {
  const isTaken = (action: unknown): boolean => actions.includes(String(action));
  const less = (key: string, value: unknown): unknown => {
    if (key === 'Statement' && Array.isArray(value))
      return value.filter(({ Action }) => !isTaken(Action) && [Action].flat().length > 0);
    return key === 'Action' && Array.isArray(value) ? value.filter((action) => !isTaken(action)) : value;
  };
  return JSON.stringify(JSON.parse(template, less));
}
