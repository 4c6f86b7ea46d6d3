/** A line of a file, or several that are one row. */
interface RowLine {
  /** Of the first of them. */
  readonly lineNumber: number;
  readonly bytes: Buffer;
  /** Whether a newline ends it. */
  readonly terminated: boolean;
}

/** What a row may take: a longer text is taken for one whose quote nobody closed. */
const maxLines = 100;
const maxBytes = 65_536;
const newline = Buffer.from('\n');

/**
 * Puts lines together between which a quoted cell goes on. A quote that is one by mistake costs its own line and not those behind it: where
 * lines make no row together, only the first is given up, and the others are looked at again. Memory: a row.
 */
export class QuotedLines {
  readonly #quote: number;
  readonly #mayBegin: (line: RowLine) => boolean;
  readonly #isRow: (text: string) => boolean;
  #held: RowLine[] = [];
  #heldBytes = 0;

  /**
   * @param options.mayBegin whether a row may begin in a line: not in a remark
   * @param options.isRow whether several lines are one row
   */
  constructor(options: { quote: string; mayBegin: (line: RowLine) => boolean; isRow: (text: string) => boolean }) {
    this.#quote = options.quote.charCodeAt(0);
    this.#mayBegin = options.mayBegin;
    this.#isRow = options.isRow;
  } // biome-ignore format: short

  get #isOpen(): boolean {
    return this.#held.length > 0;
  }

  /** @returns lines that are complete, in their order */
  take(line: RowLine): readonly RowLine[] {
    const isEven = this.#isEven(line.bytes);
    if (!this.#isOpen && (isEven || !this.#mayBegin(line))) return [line];
    this.#hold(line);
    if (this.#held.length > maxLines || this.#heldBytes > maxBytes) return this.#giveUp();
    if (isEven || this.#held.length === 1) return [];
    const row = this.#joined(line);
    if (!this.#isRow(row.bytes.toString())) return this.#giveUp();
    this.#clear();
    return [row];
  }

  /** No line belongs to those that are held. */
  end(): readonly RowLine[] {
    const lines: RowLine[] = [];
    while (this.#isOpen) lines.push(...this.#giveUp());
    return lines;
  }

  #isEven(bytes: Buffer): boolean {
    let isEven = true;
    for (let at = bytes.indexOf(this.#quote); at !== -1; at = bytes.indexOf(this.#quote, at + 1)) isEven = !isEven;
    return isEven;
  } // biome-ignore format: short

  #hold({ lineNumber, bytes, terminated }: RowLine): void {
    this.#held.push({ lineNumber, bytes: Buffer.from(bytes), terminated });
    this.#heldBytes += bytes.length;
  }

  #clear(): void {
    this.#held = [];
    this.#heldBytes = 0;
  }

  #joined({ terminated }: RowLine): RowLine {
    const [first] = this.#held as [RowLine]; // it is open
    const pieces = this.#held.flatMap(({ bytes }, at) => (at === 0 ? [bytes] : [newline, bytes]));
    return { lineNumber: first.lineNumber, bytes: Buffer.concat(pieces), terminated };
  }

  #giveUp(): readonly RowLine[] {
    const [first, ...others] = this.#held;
    this.#clear();
    return [...(first ? [first] : []), ...others.flatMap((line) => this.take(line))];
  }
}
