/** The milliseconds of each way, turn by turn. */
export class Times {
  readonly #ms = new Map<string, number[]>();

  add(name: string, ms: number): void {
    const each = this.#ms.get(name);
    if (each) each.push(ms);
    else this.#ms.set(name, [ms]);
  }

  median(name: string): number {
    return median(this.#ms.get(name) ?? []);
  }

  /** Prints medians, and how many times as long as DuckDB with one thread each way takes. */
  print(title: string): void {
    const peerMs = this.median(peer);
    console.log(`${title.padEnd(50)}${'ms'.padStart(8)}${'x DuckDB'.padStart(10)}`);
    for (const name of this.#ms.keys()) {
      const ms = this.median(name);
      console.log(`  ${name.padEnd(48)}${ms.toFixed(0).padStart(8)}${(ms / peerMs).toFixed(2).padStart(10)}`);
    }
  }
}

/** What all are compared with. */
export const peer = 'DuckDB, 1 thread';

/** The value that this share of all is below, one of them; NaN of none. */
export function quantile(values: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: Iterable<number>): number => quantile(values, 0.5);
