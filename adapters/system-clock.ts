import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../ports/clock.ts';

/** The machine's time and chance. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  pause: (ms) => pause(ms),
  random: () => Math.random(),
};
