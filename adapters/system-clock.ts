import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../ports/clock.ts';

/** The machine's time and chance. `nowMs` may go back when the machine's clock is set. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  pause: (ms, signal) =>
    pause(ms, undefined, { signal }).catch((fault) => {
      if (!signal?.aborted) throw fault;
    }),
  random: () => Math.random(),
};
