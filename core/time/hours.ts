import { dayName } from './calendar.ts';
import { dayMs } from './duration.ts';
import type { Zone } from './time-zone.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** An hour of the local clock under one offset. */
export interface LocalHour {
  /** `2024-10-27T02:00+02:00`: an hour that the clock showed twice is two. */
  readonly name: string;
  /** UTC ms, inclusive. */
  readonly startMs: number;
  /** UTC ms, exclusive: an hour later, or earlier where the offset changed within the hour, as by half an hour. */
  readonly endMs: number;
}

/** The local hour that an instant is in. */
export function localHour(zone: Zone, instantMs: number): LocalHour {
  const offsetMs = zone.offsetMs(instantMs);
  const localMs = Math.floor((instantMs + offsetMs) / hourMs) * hourMs;
  const fullEndMs = localMs - offsetMs + hourMs;
  let startMs = localMs - offsetMs;
  while (zone.offsetMs(startMs) !== offsetMs) startMs = zone.offsetUntilMs(startMs);
  let endMs = zone.offsetUntilMs(instantMs);
  while (endMs < fullEndMs && zone.offsetMs(endMs) === offsetMs) endMs = zone.offsetUntilMs(endMs);
  const hour = Math.floor((localMs % dayMs) / hourMs);
  return {
    name: `${dayName(Math.floor(localMs / dayMs))}T${twoDigits(hour)}:00${offsetName(offsetMs)}`,
    startMs,
    endMs: Math.min(endMs, fullEndMs),
  };
}

/** With seconds where there are some: Monrovia's clock was 44 minutes and 30 seconds behind until 1972. */
function offsetName(offsetMs: number): string {
  const size = Math.abs(offsetMs);
  const parts = [size / hourMs, (size % hourMs) / minuteMs, (size % minuteMs) / 1_000].map(Math.floor);
  if (parts[2] === 0) parts.pop();
  return (offsetMs < 0 ? '-' : '+') + parts.map(twoDigits).join(':');
}

const twoDigits = (number: number): string => String(number).padStart(2, '0');
