/**
 * Cells that are empty where the row above says the same. What a row above said that can't be read nobody knows: an empty cell under it is
 * not filled with what stands further up.
 */
export class FilledCells {
  readonly #indexes: readonly number[];
  /** By place in the indexes; `undefined` where it is not known. */
  readonly #above: (string | undefined)[];

  constructor(indexes: readonly number[]) {
    this.#indexes = indexes;
    this.#above = indexes.map(() => '');
  }

  /** Fills a row. @returns the index of a cell that nothing tells, if there is one */
  fill(cells: string[]): number | undefined {
    let untold: number | undefined;
    for (const [at, index] of this.#indexes.entries()) {
      const above = this.#above[at];
      const cell = cells[index] || above;
      if (cell === undefined) untold ??= index;
      else cells[index] = cell;
      this.#above[at] = cell;
    }
    return untold;
  }

  /** A row was there that can't be read. */
  forget(): void {
    this.#above.fill(undefined);
  }
}
