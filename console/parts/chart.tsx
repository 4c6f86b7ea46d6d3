import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { useText } from '../app/context.ts';
import { colour, useColoursChanged } from '../app/theme.ts';
import { Act } from './act.tsx';
import { measured } from './format.ts';
import { alone } from './lines.ts';
import { localTime } from './time.ts';

export interface ChartLine {
  readonly label: string;
  /** Which of the eight colours of series. */
  readonly colour: number;
  /** `edge` lines only bound a band. */
  readonly kind: 'main' | 'edge' | 'thin' | 'dashed';
}

/** What a chart shows. Values are all of one unit. */
export interface ChartSource {
  readonly lines: readonly ChartLine[];
  /** Filled between two lines, by their places: the upper, the lower, and how much of the colour it has, 0 to 1. */
  readonly bands: readonly { readonly upper: number; readonly lower: number; readonly strength: number }[];
  /** Seconds since 1970. */
  readonly span: readonly [number, number];
  /** What is drawn between two instants on so many columns: instants, then a column of values a line. */
  readonly dataFor: (from: number, to: number, columns: number) => uPlot.AlignedData;
  readonly limits: readonly { readonly label: string; readonly value: number }[];
  /** Points that carry a mark. */
  readonly marks: readonly { readonly x: number; readonly y: number }[];
}

interface ChartProps {
  readonly name: string;
  readonly unit: string;
  readonly timeZone: string;
  readonly source: ChartSource;
  /** What is shown of the span; it is the address's to keep. */
  readonly zoom: readonly [number, number] | undefined;
  readonly onZoom: (zoom: readonly [number, number] | undefined) => void;
}

/**
 * Ticks of the axis of time, for uPlot: the least step in seconds, what each tick says, and what the first one says besides when year,
 * month, day, hour or minute is another one than before. Digits in the order of the dates elsewhere, which need no language.
 */
const timeTicks: uPlot.Axis.Values = [
  [86_400 * 365, '{YYYY}', null, null, null, null, null, null, 1],
  [86_400 * 28, '{YYYY}-{MM}', null, null, null, null, null, null, 1],
  [86_400, '{MM}-{DD}', '\n{YYYY}', null, null, null, null, null, 1],
  [60, '{HH}:{mm}', '\n{YYYY}-{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
  [1, ':{ss}', '\n{YYYY}-{MM}-{DD} {HH}:{mm}', null, '\n{MM}-{DD} {HH}:{mm}', null, '\n{HH}:{mm}', null, 1],
];

/** A chart of lines over time, with a cursor that the arrow keys move too. */
export function Chart({ name, unit, timeZone, source, zoom, onZoom }: ChartProps) {
  const text = useText();
  const colours = useColoursChanged();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const [said, setSaid] = useState('');
  const [from, to] = zoom ?? source.span;

  // The zoom is followed below, without a new chart.
  useEffect(() => {
    const target = place.current;
    if (target === null) return;
    const made = new uPlot(
      optionsOf({
        source,
        unit,
        timeZone,
        target,
        onZoom,
        say: setSaid,
        words: text.chart,
      }),
      source.dataFor(from, to, columnsOf(target)),
      target,
    );
    made.setScale('x', { min: from, max: to });
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize(sizeOf(target)));
    observer.observe(target);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = undefined;
    };
  }, [source, unit, timeZone, colours, text]);

  useEffect(() => {
    const made = chart.current;
    const target = place.current;
    if (!made || target === null) return;
    made.batch(() => {
      made.setData(source.dataFor(from, to, columnsOf(target)), false);
      made.setScale('x', { min: from, max: to });
    });
  }, [from, to, source]);

  const move = (share: number, by: number) => {
    const width = (to - from) * share;
    const middle = (from + to) / 2 + (to - from) * by;
    const begin = Math.max(source.span[0], middle - width / 2);
    const end = Math.min(source.span[1], middle + width / 2);
    if (end - begin < 2) return;
    onZoom(begin <= source.span[0] && end >= source.span[1] ? undefined : [begin, end]);
  };
  const step = (by: number) => {
    const made = chart.current;
    if (!made) return;
    const times = made.data[0];
    const shown = (index: number) => {
      const x = times[index];
      return (
        x !== undefined && x >= from && x <= to && made.data.some((line, i) => i > 0 && line[index] != null)
      );
    };
    let index = made.cursor.idx ?? (by > 0 ? -1 : times.length);
    if (Math.abs(by) === Number.POSITIVE_INFINITY) index = by > 0 ? times.length : -1;
    const direction = by === Number.POSITIVE_INFINITY ? -1 : by === Number.NEGATIVE_INFINITY ? 1 : by;
    do index += direction;
    while (index >= 0 && index < times.length && !shown(index));
    const x = times[index];
    if (x !== undefined) made.setCursor({ left: made.valToPos(x, 'x'), top: made.over.clientHeight / 2 });
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    Home: () => step(Number.NEGATIVE_INFINITY),
    End: () => step(Number.POSITIVE_INFINITY),
    PageUp: () => move(1, -0.5),
    PageDown: () => move(1, 0.5),
    '+': () => move(0.5, 0),
    '-': () => move(2, 0),
    Escape: () => onZoom(undefined),
  };

  return (
    <figure class="chart">
      <figcaption class="hidden">{name}</figcaption>
      <div class="moves">
        <p class="cursor" aria-live="polite">
          {said === '' ? text.chart.how : said}
        </p>
        <button type="button" onClick={() => move(1, -0.5)} aria-label={text.chart.earlier}>
          ←
        </button>
        <button type="button" onClick={() => move(2, 0)} aria-label={text.chart.out}>
          −
        </button>
        <button type="button" onClick={() => move(0.5, 0)} aria-label={text.chart.in}>
          +
        </button>
        <button type="button" onClick={() => move(1, 0.5)} aria-label={text.chart.later}>
          →
        </button>
        <Act idle={zoom === undefined} onClick={() => onZoom(undefined)}>
          {text.chart.all}
        </Act>
      </div>
      <div
        class="canvas"
        ref={place}
        role="application"
        aria-label={name}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys of an application move its cursor
        tabIndex={0}
        onKeyDown={(event) => {
          const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
          if (!act) return;
          event.preventDefault();
          act();
        }}
        onWheel={(event) => {
          if (!event.ctrlKey) return;
          event.preventDefault();
          move(event.deltaY > 0 ? 1.25 : 0.8, 0);
        }}
      />
    </figure>
  );
}

/** Columns of pixels that a chart has for its lines, in pixels of the page. */
const columnsOf = (target: HTMLElement): number => Math.max(200, target.clientWidth - 70);

const sizeOf = ({ clientWidth, clientHeight }: HTMLElement) => ({ width: clientWidth, height: clientHeight });

interface OptionsOf extends Pick<ChartProps, 'source' | 'unit' | 'timeZone' | 'onZoom'> {
  readonly target: HTMLElement;
  readonly say: (text: string) => void;
  readonly words: { readonly contested: string };
}

function optionsOf({ source, unit, timeZone, target, onZoom, say, words }: OptionsOf): uPlot.Options {
  const grid = colour('--grid');
  const soft = colour('--soft');
  const warn = colour('--warn');
  const page = colour('--surface');
  const tints = Array.from({ length: 8 }, (_, index) => colour(`--series-${index + 1}`));
  const tint = (line: number): string => tints[(source.lines[line]?.colour ?? 0) % 8] ?? soft;
  const ratio = devicePixelRatio;
  // As large as the page's small text, which is larger on a large screen.
  const letterPx = Math.round(Number.parseFloat(getComputedStyle(target).fontSize) * 0.8);
  const font = `${letterPx}px system-ui, sans-serif`;
  const axis = { stroke: soft, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 }, font };
  return {
    ...sizeOf(target),
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), timeZone),
    legend: { show: false },
    cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
    scales: { x: { time: true }, y: { range: rangeOf } },
    axes: [
      {
        ...axis,
        values: timeTicks,
        size: letterPx * 3.8,
        space: letterPx * 5,
        label: timeZone,
        labelFont: font,
        labelSize: letterPx * 1.5,
      },
      {
        ...axis,
        // A digit is some 0.6 of a letter's height wide. On a small screen each pixel is the lines'.
        size: (_, ticks) => 14 + letterPx * 0.62 * Math.max(2, ...(ticks ?? []).map((tick) => tick.length)),
        label: unit,
        labelFont: font,
        labelSize: letterPx * 1.5,
        values: (_, ticks) => ticks.map((tick) => measured(tick)),
      },
    ],
    series: [
      {},
      ...source.lines.map(({ label, kind }, index) => ({
        label,
        stroke: kind === 'edge' ? 'transparent' : tint(index),
        width: kind === 'main' ? 1.6 : 1,
        ...(kind === 'dashed' ? { dash: [5, 4] } : {}),
        points: {
          ...(kind === 'main' ? { size: 5, fill: page } : { show: false }),
          // Where the points of a line are too dense to be shown each, those that no line leads to still are.
          ...(kind === 'edge'
            ? {}
            : { filter: (made: uPlot, line: number, show: boolean) => (show ? null : aloneIn(made, line)) }),
        },
      })),
    ],
    bands: source.bands.map(({ upper, lower, strength }) => ({
      series: [upper + 1, lower + 1],
      fill: faded(tint(upper), strength),
    })),
    hooks: {
      setSelect: [
        (made) => {
          const { left, width: selected } = made.select;
          if (selected < 3) return;
          onZoom([made.posToVal(left, 'x'), made.posToVal(left + selected, 'x')]);
          made.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      setCursor: [
        (made) => {
          const index = made.cursor.idx;
          const x = index == null ? undefined : made.data[0][index];
          if (index == null || x === undefined) return say('');
          const values = source.lines
            .map(({ label }, line) => ({ label, value: made.data[line + 1]?.[index] }))
            .filter(({ value }) => value != null)
            .map(({ label, value }) => `${label} ${measured(value ?? 0)} ${unit}`);
          say(`${localTime(x, timeZone)}: ${values.join(', ')}`);
        },
      ],
      draw: [
        (made) => {
          const { ctx, bbox } = made;
          ctx.save();
          ctx.beginPath();
          ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
          ctx.clip();
          ctx.lineWidth = ratio;
          ctx.strokeStyle = warn;
          ctx.fillStyle = warn;
          ctx.font = `${letterPx * ratio}px system-ui, sans-serif`;
          for (const { label, value } of source.limits) {
            const y = made.valToPos(value, 'y', true);
            ctx.setLineDash([6 * ratio, 4 * ratio]);
            ctx.beginPath();
            ctx.moveTo(bbox.left, y);
            ctx.lineTo(bbox.left + bbox.width, y);
            ctx.stroke();
            ctx.fillText(label, bbox.left + 6 * ratio, y - 5 * ratio);
          }
          ctx.setLineDash([]);
          ctx.lineWidth = 2 * ratio;
          for (const { x, y } of source.marks) {
            ctx.beginPath();
            ctx.arc(made.valToPos(x, 'x', true), made.valToPos(y, 'y', true), 5 * ratio, 0, 2 * Math.PI);
            ctx.stroke();
          }
          if (source.marks.length > 0)
            ctx.fillText(`○ ${words.contested}`, bbox.left + 6 * ratio, bbox.top + (letterPx + 2) * ratio);
          ctx.restore();
        },
      ],
    },
  };
  /** Limits are in the picture where they are within reach of the values: three times their range. */
  function rangeOf(_: uPlot, low: number | null, high: number | null): [number, number] {
    if (low === null || high === null) return [0, 1];
    const reach = (high - low || Math.abs(high) || 1) * 2;
    const near = source.limits
      .map(({ value }) => value)
      .filter((value) => value > low - reach && value < high + reach);
    const [least, greatest] = [Math.min(low, ...near), Math.max(high, ...near)];
    const room = (greatest - least || Math.abs(greatest) || 1) * 0.08;
    return [least - room, greatest + room];
  }
}

function aloneIn(made: uPlot, line: number): number[] {
  return alone(made.data[0], made.data[line] ?? [], (x) => made.valToPos(x, 'x'));
}

function faded(rgb: string, strength: number): string {
  return rgb.replace(/^rgb\((.*)\)$/, `rgba($1, ${strength})`);
}
