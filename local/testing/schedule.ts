/** What can happen to a call. `before` and `after` are those of its effect. */
export type Fault =
  /** Answered with an error of the service that clients retry; `after`: the effect stays, the answer is lost. */
  | { kind: 'fail' | 'cut'; when: 'before' | 'after' }
  /** The function that calls is killed. */
  | { kind: 'kill'; when: 'before' | 'after' }
  | { kind: 'delay'; when: 'before' | 'after'; ms: number }
  /** Never answered: the function that calls runs into its timeout, which is brought forward. */
  | { kind: 'hang' }
  /** Made twice, answered with the second answer. */
  | { kind: 'repeat' }
  /** Another writer comes in between. */
  | { kind: 'race' }
  /** The body of the answer breaks off half-way. */
  | { kind: 'torn' };

export type FaultKind = Fault['kind'];

/** How often each kind is drawn among those that a call allows. */
const weights: Record<FaultKind, number> = {
  fail: 6,
  cut: 3,
  kill: 4,
  delay: 3,
  hang: 0.4,
  repeat: 2,
  race: 3,
  torn: 2,
};

const rates = [0.008, 0.02, 0.04, 0.06];
/**
 * The first calls of a name are this much likelier to meet a fault, and no name meets more than so many outside of bursts: what is
 * called a hundred times would otherwise use up the budget before what is called twice had its turn.
 */
const firstCalls = { boost: 8, fading: 10 };
const maxSinglesOfName = 4;
/** Every name of a call has this chance of a burst: the same fault several times in a row. */
const burstChance = 0.08;
/**
 * The SDK's own retries outlast 2, those of the state machine on top 9 of most calls; 40 fail the job. Killing four times does, too,
 * and more of it would only start processes.
 */
const burstLengths = [1, 2, 4, 12, 40];
const maxKillsOfBurst = 4;
/**
 * Faults that are aimed at calls, of each name: with this chance one of the first so many calls meets it. So nearly every seed has a
 * death between each two of the writes that are aimed at, where a rate would rarely put one. Before a write is after the one that comes
 * first.
 */
const aimed: readonly { fault: Fault; chance: number; first: number }[] = [
  { fault: { kind: 'kill', when: 'before' }, chance: 0.95, first: 8 },
  { fault: { kind: 'race' }, chance: 0.8, first: 8 },
  { fault: { kind: 'cut', when: 'after' }, chance: 0.5, first: 8 },
];

/**
 * The faults of one seed. What happens to the nth call of a name follows from the seed, the name and n, not from what other
 * calls do meanwhile: so a seed brings the same faults however the calls of different parts interleave.
 *
 * Bounded: bursts end, and the others have a budget. Then calls go through, so that retries, and whoever starts a failed job again,
 * win at last.
 */
export class Schedule {
  readonly seed: number;
  /** Probability of a fault of a call outside of bursts. */
  readonly rate: number;
  /** Faults outside of bursts that are left. */
  budget: number;
  readonly #asked = new Map<string, number>();
  readonly #singles = new Map<string, number>();

  constructor(seed: number) {
    this.seed = seed;
    this.rate = pick(rates, this.#hash('rate'));
    this.budget = 6 + Math.floor(this.#hash('budget') * 40);
  }

  /** What happens to the next call of this name, among the kinds that it allows. `isAimed`: {@link aimed}. */
  next(name: string, allowed: readonly FaultKind[], isAimed = false): Fault | undefined {
    const turn = this.#turn(name);
    const atIt = isAimed ? this.#aimed(name, turn, allowed) : undefined;
    if (atIt !== undefined) return atIt;
    const kind = this.#burst(name, turn, allowed) ?? this.#single(name, turn, allowed);
    if (kind === undefined) return undefined;
    const when = this.#hash(name, turn, 'when') < 0.5 ? 'before' : 'after';
    if (kind === 'delay') return { kind, when, ms: 2 + 120 * this.#hash(name, turn, 'ms') ** 2 };
    return kind === 'fail' || kind === 'cut' || kind === 'kill' ? { kind, when } : { kind };
  }

  /** A number in [0, 1) for the next decision of this name. */
  chance(name: string): number {
    return this.#hash(name, this.#turn(name));
  }

  #aimed(name: string, turn: number, allowed: readonly FaultKind[]): Fault | undefined {
    return aimed.find(
      ({ fault, chance, first }, index) =>
        turn < first &&
        allowed.includes(fault.kind) &&
        this.#hash('aimed', name, index) < chance &&
        turn === Math.floor(first * this.#hash('aimed at', name, index)),
    )?.fault;
  }

  #burst(name: string, turn: number, allowed: readonly FaultKind[]): FaultKind | undefined {
    if (this.#hash('burst', name) >= burstChance) return undefined;
    const start = Math.floor(this.#hash('start', name) * 10);
    const length = pick(burstLengths, this.#hash('length', name));
    if (turn < start || turn >= start + length) return undefined;
    const repeatable = allowed.filter((kind) => kind !== 'hang');
    const kind = draw(repeatable, this.#hash('kind', name));
    return kind === 'kill' && turn >= start + maxKillsOfBurst ? undefined : kind;
  }

  #single(name: string, turn: number, allowed: readonly FaultKind[]): FaultKind | undefined {
    const singles = this.#singles.get(name) ?? 0;
    const rate = this.rate * (1 + firstCalls.boost * Math.exp(-turn / firstCalls.fading));
    if (this.budget <= 0 || singles >= maxSinglesOfName || this.#hash(name, turn) >= rate) return undefined;
    this.#singles.set(name, singles + 1);
    this.budget -= 1;
    return draw(allowed, this.#hash(name, turn, 'kind'));
  }

  #turn(name: string): number {
    const turn = this.#asked.get(name) ?? 0;
    this.#asked.set(name, turn + 1);
    return turn;
  }

  #hash(...parts: (string | number)[]): number {
    return hashOf(`${this.seed}/${parts.join('/')}`);
  }
}

function draw(kinds: readonly FaultKind[], chance: number): FaultKind | undefined {
  let left = chance * kinds.reduce((sum, kind) => sum + weights[kind], 0);
  return kinds.find((kind) => {
    left -= weights[kind];
    return left < 0;
  });
}

function pick<Item>(items: readonly Item[], chance: number): Item {
  return items[Math.floor(chance * items.length)] as Item; // chance < 1
}

/** A number in [0, 1) that follows from a text: FNV-1a, then the mixing steps of MurmurHash3. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
