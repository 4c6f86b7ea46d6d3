import { setTimeout as pause } from 'node:timers/promises';
import type { Clock, CpuClock } from '../ports/clock.ts';

/** The machine's time and chance. `nowMs` may go back when the machine's clock is set. */
export const systemClock: Clock & CpuClock = {
  nowMs: () => Date.now(),
  pause: (ms, signal) =>
    pause(ms, undefined, { signal }).catch((fault) => {
      if (!signal?.aborted) throw fault;
    }),
  cpuMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  random: () => Math.random(),
};
