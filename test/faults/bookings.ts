/** A line before it is written. */
export type Draft = { dataset: string; [field: string]: string | number | boolean };

const hourMs = 3_600_000;
const salons = [7, 12];
const perSalon = 3;

/**
 * Bookings of two salons from each of some times on: created an hour after one another, and completed or cancelled within two days, over a day's and a month's end if
 * `from` is the day before; one is both created and cancelled at one time.
 * @param random numbers in [0, 1)
 */
export function bookingsOf(from: readonly string[], random: () => number): Draft[] {
  return from.flatMap((start, span) =>
    salons.flatMap((salon_id) =>
      Array.from({ length: perSalon }, (_, index) => {
        const createdMs = Date.parse(start) + index * hourMs;
        // Today's end today: days that have not come yet take no events.
        const tookMs = index === 0 ? 0 : Math.round(random() * (span === 0 ? 30 : 4)) * hourMs;
        const booking = {
          ...{ dataset: 'salon-bookings', salon_id, booking_id: 100 * span + index },
          ...{ user_id: Math.floor(random() * 9), employee_id: index },
        };
        const at = (ms: number) => new Date(ms).toISOString();
        const end = index === 0 || random() < 0.3 ? 'cancelled' : 'completed';
        return [
          { ...booking, booking_date: at(createdMs), status: 'created' },
          { ...booking, booking_date: at(createdMs + tookMs), status: end },
        ];
      }).flat(),
    ),
  );
}
