import { defineDataset } from '../core/dataset/dataset.ts';
import { sqsMessages } from '../formats/json/sqs-messages.ts';
import { bookings } from './projections/bookings.ts';

/**
 * What became of bookings at salons: each is created, and then completed or cancelled, and each of these is an event of its salon, at the time at
 * which it came about. One booking reaches a status once.
 */
export default defineDataset(
  {
    kind: 'events',
    name: 'salon-bookings',
    timeZone: 'Europe/Madrid',
    shards: 2,
    entity: 'salon_id',
    at: 'booking_date',
    identity: ['booking_id', 'status'],
    sequence: 'status', // of one time it is first created, whatever became of it then
    attributes: {
      booking_id: { type: 'integer', min: 0 },
      status: { values: ['created', 'completed', 'cancelled'] },
      user_id: { type: 'integer', min: 0 },
      employee_id: { type: 'integer', min: 0, optional: true },
      payment_id: { type: 'integer', min: 0, optional: true }, // once it is paid
    },
    earliest: '2010-01-01',
    formats: [
      // Messages of a queue, as a function gets them: {"Records":[{"body":"{\"booking_id\":1,…}"}]}.
      sqsMessages.with({ match: ['*.sqs.json', '*.sqs.ndjson'], timePath: '@.booking_date' }),
    ],
  },
  { projections: { bookings } },
);
