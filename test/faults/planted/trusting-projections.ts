import { settleDays as rightSettle } from '../../../handlers/ingest/merge-partition/settle-days.ts';

export { besideOnPages } from '../../../handlers/ingest/merge-partition/settle-days.ts';

/** Of each partition, whether its statistics were found equal. */
const areEqual = new Map<string, boolean>();

/** Takes statistics that are right for a sign that projections, which are written after them, are right as well: a crash may have come between. */
export const settleDays: typeof rightSettle = async (ports, state, touched) => {
  const { dataset, id } = state;
  const partition = `${dataset.name}/${id.day}/${id.shard}`;
  if (dataset.holds === 'projections' && areEqual.get(partition)) return { kind: 'equal' };
  const settled = await rightSettle(ports, state, touched);
  if (dataset.holds !== 'projections') areEqual.set(partition, settled.kind === 'equal');
  return settled;
};
