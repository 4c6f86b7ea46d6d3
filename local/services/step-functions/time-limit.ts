/** A limit of time that stands still while it is held. At most 2^31 - 1 ms. */
export class TimeLimit {
  readonly #passed: () => void;
  #leftMs: number | undefined;
  #startedMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #holds = 0;

  constructor(limitMs: number, passed: () => void) {
    this.#leftMs = limitMs;
    this.#passed = passed;
    this.#start();
  }

  /** Stops the time until what it returns is called, and every other hold is over. */
  hold(): () => void {
    if (this.#holds === 0) this.#stop();
    this.#holds += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holds -= 1;
      if (this.#holds === 0) this.#start();
    };
  }

  /** It does not pass any more. */
  end(): void {
    clearTimeout(this.#timer);
    this.#leftMs = undefined;
  }

  #start(): void {
    if (this.#leftMs === undefined) return;
    this.#startedMs = performance.now();
    this.#timer = setTimeout(this.#passed, this.#leftMs);
  }

  #stop(): void {
    if (this.#leftMs === undefined) return;
    clearTimeout(this.#timer);
    this.#leftMs = Math.max(0, this.#leftMs - (performance.now() - this.#startedMs));
  }
}
