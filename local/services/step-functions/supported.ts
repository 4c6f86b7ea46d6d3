import type { Definition, State } from './definition.ts';
import { isKnownResource } from './integrations.ts';

/** Fields that the engine or this folder would pass over in silence; each changes what a state machine does. */
const unsupportedFields = [
  'Assign',
  'Arguments',
  'Output',
  'ItemBatcher',
  'Items',
  'Credentials',
  'Condition',
];

/**
 * Stops at what a definition asks for and the local cloud does not run: JSONata, variables, batched items, task
 * tokens, `.sync`, an unknown integration. The error names the state and the field.
 */
export function assertSupported(definition: Definition): void {
  if (definition.QueryLanguage && definition.QueryLanguage !== 'JSONPath') {
    throw unsupported('the state machine', `QueryLanguage ${definition.QueryLanguage}`);
  }
  for (const [name, state] of Object.entries(definition.States)) {
    for (const field of unsupportedFields) {
      if (field in state) throw unsupported(name, field);
    }
    if (state.QueryLanguage && state.QueryLanguage !== 'JSONPath') {
      throw unsupported(name, `QueryLanguage ${state.QueryLanguage}`);
    }
    if (state.Type === 'Task' && !isKnownResource(String(state.Resource))) {
      throw unsupported(name, `the resource ${state.Resource}`);
    }
    if (state.Type === 'Map') assertMapSupported(name, state);
    for (const branch of state.Branches ?? []) assertSupported(branch);
    const inside = state.ItemProcessor ?? state.Iterator;
    if (inside) assertSupported(inside);
  }
}

function assertMapSupported(name: string, state: State): void {
  const inside = state.ItemProcessor ?? state.Iterator;
  const distributed = inside?.ProcessorConfig?.Mode === 'DISTRIBUTED';
  if (!distributed) {
    for (const field of [
      'ItemReader',
      'ResultWriter',
      'ToleratedFailureCount',
      'ToleratedFailurePercentage',
    ]) {
      if (field in state) throw unsupported(name, `${field} outside of a DISTRIBUTED map`);
    }
    return;
  }
  const reader = state.ItemReader?.Resource;
  if (reader && reader !== 'arn:aws:states:::s3:getObject')
    throw unsupported(name, `the item reader ${reader}`);
  const writer = state.ResultWriter?.Resource;
  if (writer && writer !== 'arn:aws:states:::s3:putObject')
    throw unsupported(name, `the result writer ${writer}`);
  if (state.ResultWriter?.WriterConfig) throw unsupported(name, 'ResultWriter.WriterConfig');
  for (const field of ['ToleratedFailureCountPath', 'ToleratedFailurePercentagePath']) {
    if (field in state) throw unsupported(name, field);
  }
}

function unsupported(where: string, what: string): Error {
  return new Error(
    `${where}: the local Step Functions does not run ${what} (local/services/step-functions/supported.ts).`,
  );
}
