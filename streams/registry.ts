import type { Stream } from '../core/streams/stream.ts';
import { firmReservations, reservations } from './reservations.ts';

/** The kinds of streams of this deployment. */
export const streams: readonly Stream[] = [reservations, firmReservations];
