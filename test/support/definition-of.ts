import { definitionMembers } from '../../core/dataset/check-definition.ts';
import type { DatasetDefinition } from '../../core/dataset/definition.ts';

/** What a dataset was defined by, without what follows from it: to define another one like it. */
export const definitionOf = (dataset: DatasetDefinition): DatasetDefinition =>
  // It has what a definition has.
  Object.fromEntries(
    Object.entries(dataset).filter(([member]) => definitionMembers.includes(member)),
  ) as unknown as DatasetDefinition;
