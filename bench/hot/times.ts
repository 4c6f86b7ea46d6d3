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

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
