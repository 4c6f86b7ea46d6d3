import { defineDataset } from '../core/dataset/dataset.ts';
import { factAttributes, factIdentity } from '../core/streams/facts.ts';
import { currentReservations } from './projections/current-reservations.ts';

/**
 * What became of reservations, by both rules of `streams/reservations.ts`: each event of a salon's calendar, at the time at which it occurred.
 * The relay of the streams sends them, and nobody else may.
 */
export default defineDataset(
  {
    kind: 'events',
    name: 'reservations',
    timeZone: 'Europe/Madrid',
    shards: 2,
    entity: 'salon_id',
    at: 'occurred_at',
    identity: factIdentity,
    sequence: 'position',
    filledBy: 'streams',
    attributes: {
      event: { values: ['created', 'completed', 'canceled'] },
      reservation_id: { maxLength: 40 },
      // Of what is created.
      employee_id: { maxLength: 40, optional: true },
      user_id: { maxLength: 40, optional: true },
      slot_start: { type: 'time', optional: true },
      slot_end: { type: 'time', optional: true },
      ...factAttributes,
    },
  },
  { projections: { current: currentReservations } },
);
