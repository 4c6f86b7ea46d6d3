import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useConsole } from '../../../app/context.ts';
import { address, changeQuery, navigate, useRoute } from '../../../app/router.ts';
import { colour, useColoursChanged } from '../../../app/theme.ts';
import { Act } from '../../../parts/act.tsx';
import { count, share } from '../../../parts/format.ts';
import { apart, listed } from '../../../parts/sensor-ids.ts';
import { draw, type Mark, pathsOf, radius } from './draw.ts';
import { coasts } from './land.ts';
import {
  fitted,
  nextOf,
  onScreen,
  type Point,
  panned,
  pointOf,
  type Size,
  type View,
  viewOf,
  viewText,
  zoomed,
} from './projection.ts';

interface Station {
  readonly sensorId: string;
  readonly name?: string | undefined;
  readonly latitude?: number | undefined;
  readonly longitude?: number | undefined;
  readonly count: number;
  readonly silentDays?: number | undefined;
  readonly completeness?: number | undefined;
}

interface MapProps {
  readonly dataset: string;
  readonly stations: readonly Station[];
  /** From so many days without a reading on a station is silent. */
  readonly silentDays: number;
}

const height = 420;
/** Levels of completeness, as the days have them. */
const levels = [1, 2, 3, 4] as const;

const directions: Readonly<Record<string, Point>> = {
  ...{ ArrowLeft: { x: -1, y: 0 }, ArrowRight: { x: 1, y: 0 } },
  ...{ ArrowUp: { x: 0, y: -1 }, ArrowDown: { x: 0, y: 1 } },
};

/** The stations that have coordinates, over the land. */
export default function StationMap({ dataset, stations, silentDays }: MapProps) {
  const { text } = useConsole();
  const { query } = useRoute();
  const words = text.map;
  const colours = useColoursChanged();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState<Size>({ width: 0, height });
  const [at, setAt] = useState<number>();
  const by = query.get('by') === 'completeness' ? 'completeness' : 'silence';
  const land = useMemo(() => pathsOf(coasts()), []);
  const placed = useMemo(
    () =>
      stations.flatMap((station) => {
        const { latitude, longitude } = station;
        return latitude === undefined || longitude === undefined
          ? []
          : [{ ...station, point: pointOf({ latitude, longitude }) }];
      }),
    [stations],
  );
  const points = placed.map(({ point }) => point);
  const view = viewOf(query.get('at'), size) ?? fitted(points, size);
  const look = (changed: View | undefined) => changeQuery({ at: changed && viewText(changed) }, 'replace');

  useEffect(() => {
    const target = canvas.current?.parentElement;
    if (!target) return;
    const observer = new ResizeObserver(() => setSize({ width: target.clientWidth, height }));
    observer.observe(target);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (canvas.current === null || size.width === 0) return;
    const marks = marksOf(by, silentDays);
    const drawn = placed.map((station) => ({
      point: station.point,
      name: station.name ?? apart(station.sensorId),
      mark: marks(station),
    }));
    draw(canvas.current, { coasts: land, stations: drawn, at }, view, size);
  }, [placed, land, at, by, silentDays, colours, size, view.middle.x, view.middle.y, view.pixels]);

  const isSilent = (station: Station) => (station.silentDays ?? 0) >= silentDays || station.count === 0;
  const saidOf = (station: Station): string =>
    [
      station.name === undefined ? apart(station.sensorId) : `${station.name} (${apart(station.sensorId)})`,
      `${count(station.count)} ${text.readings.toLowerCase()}`,
      station.completeness === undefined
        ? ''
        : `${text.completeness.toLowerCase()} ${share(station.completeness)}`,
      isSilent(station) ? words.silent : words.sends,
    ]
      .filter(Boolean)
      .join(', ');
  const open = (index: number | undefined) => {
    const station = index === undefined ? undefined : placed[index];
    if (station) navigate(address('/series', { dataset, sensor: listed([station.sensorId]) }));
  };
  const go = (direction: Point) => {
    const middle = at === undefined ? undefined : points[at];
    const next =
      at === undefined ? nearest(points, view.middle) : nextOf(points, middle ?? view.middle, direction);
    const point = next === undefined ? undefined : points[next];
    if (point === undefined) return;
    setAt(next);
    const { x, y } = onScreen(point, view, size);
    if (x < 0 || y < 0 || x > size.width || y > size.height) look({ ...view, middle: point });
  };
  const keys: Readonly<Record<string, () => void>> = {
    '+': () => look(zoomed(view, 2, size, at === undefined ? undefined : seenAt(points[at], view, size))),
    '-': () => look(zoomed(view, 0.5, size)),
    Escape: () => look(undefined),
    Enter: () => open(at),
  };
  const pointer = usePointer({
    onDrag: (by) => look(panned(view, { x: -by.x, y: -by.y }, size)),
    onMove: (place) => setAt(under(points, place, view, size)),
    onClick: (place) => open(under(points, place, view, size)),
  });
  return (
    <section class="card map" aria-labelledby="map">
      <h2 id="map">{words.title(count(placed.length), count(stations.length))}</h2>
      <div class="controls">
        <label>
          {words.by}
          <select value={by} onChange={(event) => changeQuery({ by: event.currentTarget.value }, 'replace')}>
            <option value="silence">{words.bySilence}</option>
            <option value="completeness">{text.completeness}</option>
          </select>
        </label>
        <p class="moves">
          <button type="button" onClick={() => look(zoomed(view, 2, size))} aria-label={text.chart.in}>
            +
          </button>
          <button type="button" onClick={() => look(zoomed(view, 0.5, size))} aria-label={text.chart.out}>
            −
          </button>
          <Act idle={!query.get('at')} onClick={() => look(undefined)}>
            {text.chart.all}
          </Act>
        </p>
      </div>
      <p class="cursor" aria-live="polite">
        {at !== undefined && placed[at] ? saidOf(placed[at]) : words.how}
      </p>
      <div
        class={pointer.isDragged ? 'canvas dragged' : 'canvas'}
        role="application"
        aria-label={words.title(count(placed.length), count(stations.length))}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys of an application move its cursor
        tabIndex={0}
        onKeyDown={(event) => {
          const direction = directions[event.key];
          const act = direction ? () => go(direction) : keys[event.key];
          if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
          event.preventDefault();
          act();
        }}
        onWheel={(event) => {
          if (!event.ctrlKey) return;
          event.preventDefault();
          look(zoomed(view, event.deltaY > 0 ? 0.8 : 1.25, size, { x: event.offsetX, y: event.offsetY }));
        }}
        {...pointer.handlers}
      >
        <canvas ref={canvas} />
      </div>
      <p class="legend">
        {by === 'silence' ? (
          <>
            <span>
              <i class="sends" /> {words.sends}
            </span>
            <span>
              <i class="silent" /> {words.silentFor(silentDays)}
            </span>
          </>
        ) : (
          [0, ...levels].map((level) => (
            <span key={level}>
              <i class={`level-${level}`} /> {level === 0 ? words.notKnown : text.sensors.levels[level]}
            </span>
          ))
        )}
      </p>
      <p class="about">{words.source}</p>
    </section>
  );
}

const seenAt = (point: Point | undefined, view: View, size: Size) => point && onScreen(point, view, size);

function nearest(points: readonly Point[], to: Point): number | undefined {
  let best: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, { x, y }] of points.entries()) {
    const distance = (x - to.x) ** 2 + (y - to.y) ** 2;
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}

/** The station at a place of the picture, as near as a finger is thick. */
function under(points: readonly Point[], place: Point, view: View, size: Size): number | undefined {
  const screen = points.map((point) => onScreen(point, view, size));
  const found = nearest(screen, place);
  const { x = 0, y = 0 } = (found === undefined ? undefined : screen[found]) ?? {};
  return found !== undefined && Math.hypot(x - place.x, y - place.y) <= radius + 5 ? found : undefined;
}

/** Marks by the colours of the present theme. */
function marksOf(by: 'silence' | 'completeness', silentDays: number): (station: Station) => Mark {
  const isSilent = (station: Station) => (station.silentDays ?? 0) >= silentDays || station.count === 0;
  const [good, bad, soft] = [colour('--accent'), colour('--bad'), colour('--line-strong')];
  const tints = levels.map((level) => colour(`--level-${level}`));
  if (by === 'silence')
    return (station) => ({ colour: isSilent(station) ? bad : good, isSquare: isSilent(station) });
  return ({ completeness }) =>
    completeness === undefined
      ? { colour: soft, isSquare: true }
      : { colour: tints[Math.max(0, Math.ceil(completeness * 4) - 1)] ?? good, isSquare: false };
}

interface PointerActs {
  readonly onDrag: (by: Point) => void;
  readonly onMove: (place: Point) => void;
  readonly onClick: (place: Point) => void;
}

/** Pixels that a hand moves while it means to click. */
const clickSlack = 4;

/** Tells a click from a drag. */
function usePointer({ onDrag, onMove, onClick }: PointerActs) {
  const [isDragged, setDragged] = useState(false);
  const from = useRef<Point | undefined>(undefined);
  const moved = useRef(false);
  const placeOf = (event: PointerEvent): Point => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  return {
    isDragged,
    handlers: {
      onPointerDown(event: PointerEvent) {
        if (event.button !== 0) return;
        from.current = placeOf(event);
        moved.current = false;
        (event.currentTarget as Element).setPointerCapture(event.pointerId);
      },
      onPointerMove(event: PointerEvent) {
        const place = placeOf(event);
        if (from.current === undefined) return onMove(place);
        const by = { x: place.x - from.current.x, y: place.y - from.current.y };
        if (!moved.current && Math.hypot(by.x, by.y) < clickSlack) return;
        moved.current = true;
        setDragged(true);
        from.current = place;
        onDrag(by);
      },
      onPointerUp(event: PointerEvent) {
        if (from.current !== undefined && !moved.current) onClick(placeOf(event));
        from.current = undefined;
        setDragged(false);
      },
      onPointerCancel() {
        from.current = undefined;
        setDragged(false);
      },
    },
  };
}
