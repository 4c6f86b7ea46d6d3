/** Time and chance, so that rules have none of their own. None of it throws. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z; a clock that is set back answers less than before. */
  nowMs(): number;
  /** Resolves after `ms` milliseconds, not sooner, unless `ended` is aborted: then at once. */
  pause(ms: number, ended?: AbortSignal): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
}

export interface CpuClock {
  /** CPU time of this process, all its threads together, in ms since it began. */
  cpuMs(): number;
}
