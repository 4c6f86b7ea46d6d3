/** A state as the layout needs it. */
interface LaidState {
  readonly name: string;
  readonly transitions: readonly { readonly to: string; readonly by: string }[];
}

interface Place {
  readonly name: string;
  /** Of the box's top left corner. */
  readonly x: number;
  readonly y: number;
}

interface Line {
  readonly from: string;
  readonly to: string;
  readonly by: string;
  /** An SVG path. */
  readonly path: string;
}

interface Layout {
  readonly width: number;
  readonly height: number;
  readonly places: readonly Place[];
  readonly lines: readonly Line[];
}

export const box = { width: 196, height: 50 };
const gap = { x: 28, y: 44 };
/** Room beside the boxes for the ways back, one lane each. */
const lane = 14;
/** Of a turn, its radius. */
const corner = 8;

/**
 * Places states from top to bottom: each below all that lead to it, but for the ways back, which are those to a state that is still
 * open when the graph is walked from its start. States of a row are in the order of the definition.
 */
export function layOut(startAt: string, states: readonly LaidState[]): Layout {
  const byName = new Map(states.map((state) => [state.name, state]));
  const back = new Set<string>();
  const order: string[] = [];
  const seen = new Map<string, 'open' | 'done'>();
  const walk = (name: string): void => {
    seen.set(name, 'open');
    for (const { to } of byName.get(name)?.transitions ?? []) {
      if (seen.get(to) === 'open') back.add(`${name}\n${to}`);
      else if (!seen.has(to) && byName.has(to)) walk(to);
    }
    seen.set(name, 'done');
    order.unshift(name);
  };
  for (const name of [startAt, ...byName.keys()]) if (byName.has(name) && !seen.has(name)) walk(name);

  const rows = new Map<string, number>();
  for (const name of order) {
    const row = rows.get(name) ?? 0;
    rows.set(name, row);
    for (const { to } of byName.get(name)?.transitions ?? [])
      if (!back.has(`${name}\n${to}`)) rows.set(to, Math.max(rows.get(to) ?? 0, row + 1));
  }
  const inRow = new Map<number, string[]>();
  for (const { name } of states) {
    const row = rows.get(name) ?? 0;
    inRow.set(row, [...(inRow.get(row) ?? []), name]);
  }
  const widest = Math.max(1, ...[...inRow.values()].map((names) => names.length));
  const inner = widest * box.width + (widest - 1) * gap.x;
  const places = new Map<string, Place>();
  for (const [row, names] of inRow) {
    const used = names.length * box.width + (names.length - 1) * gap.x;
    names.forEach((name, index) => {
      places.set(name, {
        name,
        x: 1 + (inner - used) / 2 + index * (box.width + gap.x),
        y: 1 + row * (box.height + gap.y),
      });
    });
  }
  const pairs = new Map<string, { from: string; to: string; by: string }>();
  for (const { name: from, transitions } of states)
    for (const { to, by } of transitions)
      if (places.has(to) && !pairs.has(`${from}\n${to}`)) pairs.set(`${from}\n${to}`, { from, to, by });
  const isLast = ({ x, y }: Place) => ![...places.values()].some((place) => place.y === y && place.x > x);
  let lanes = 0;
  const lines = [...pairs.values()].map((pair): Line => {
    const [a, b] = [places.get(pair.from) as Place, places.get(pair.to) as Place]; // both are placed, see above
    const span = (rows.get(pair.to) ?? 0) - (rows.get(pair.from) ?? 0);
    const passes = span !== 1 && blocked(places, a, b);
    if (span > 0 && !passes) return { ...pair, path: downward(a, b) };
    lanes += 1;
    return { ...pair, path: beside(a, b, { x: inner + lanes * lane, isLast }) };
  });
  return {
    width: inner + (lanes + 1) * lane + 2,
    height: Math.max(1, inRow.size) * (box.height + gap.y) - gap.y + 2,
    places: [...places.values()],
    lines,
  };
}

const middle = ({ x }: Place): number => x + box.width / 2;

function downward(a: Place, b: Place): string {
  const [top, bottom] = [a.y + box.height, b.y];
  const bend = (bottom - top) / 2;
  return `M${middle(a)} ${top}C${middle(a)} ${top + bend} ${middle(b)} ${bottom - bend} ${middle(b)} ${bottom}`;
}

/**
 * By the lane at the right, `x`: out of one box's side and into the other's. The way of a box that has others at its right leads below
 * it, and comes from above it, between the rows.
 */
function beside(
  a: Place,
  b: Place,
  { x, isLast }: { readonly x: number; readonly isLast: (place: Place) => boolean },
): string {
  const [leaves, arrives] = [isLast(a), isLast(b)];
  const from = leaves ? a.y + box.height / 2 + 6 : a.y + box.height + gap.y / 3;
  const to = arrives ? b.y + box.height / 2 - 6 : b.y - gap.y / 3;
  const turn = to > from ? corner : -corner;
  return [
    leaves
      ? `M${a.x + box.width} ${from}`
      : `M${middle(a) + corner} ${a.y + box.height}V${from - corner}q0 ${corner} ${corner} ${corner}`,
    `H${x - corner}q${corner} 0 ${corner} ${turn}`,
    `V${to - turn}q0 ${turn} ${-corner} ${turn}`,
    arrives ? `H${b.x + box.width}` : `H${middle(b) + 2 * corner}q${-corner} 0 ${-corner} ${corner}V${b.y}`,
  ].join('');
}

/** Whether a box between the two rows stands where the straight way goes. */
function blocked(places: ReadonlyMap<string, Place>, a: Place, b: Place): boolean {
  return [...places.values()].some((place) => {
    if (place.y <= a.y || place.y >= b.y) return false;
    const share = (place.y + box.height / 2 - a.y) / (b.y - a.y);
    const x = middle(a) + share * (middle(b) - middle(a));
    return x > place.x - 8 && x < place.x + box.width + 8;
  });
}
