import { colour } from '../../../app/theme.ts';
import type { Ring } from './land.ts';
import {
  offScreen,
  onScreen,
  type Place,
  type Point,
  placeOf,
  pointOf,
  type Size,
  type View,
} from './projection.ts';

/** How a station looks: a filled circle of a colour, or a square, so that who is silent is told apart by its form too. */
export interface Mark {
  readonly colour: string;
  readonly isSquare: boolean;
}

export interface Drawn {
  readonly coasts: readonly Path2D[];
  readonly stations: readonly { readonly point: Point; readonly name: string; readonly mark: Mark }[];
  /** The one that the keyboard or the pointer is at. */
  readonly at: number | undefined;
}

/** Of a station, in pixels. */
export const radius = 6;
/** More names than these are no help. */
const mostNames = 60;
/** As large as the page's small text, which is larger on a large screen. */
const fontOf = ({ canvas }: CanvasRenderingContext2D, share: number): string =>
  `${Math.round(Number.parseFloat(getComputedStyle(canvas).fontSize) * share)}px system-ui, sans-serif`;

/** Coasts as paths in the square of the projection, made once. */
export function pathsOf(rings: readonly Ring[]): Path2D[] {
  return rings.map((ring) => {
    const path = new Path2D();
    for (let at = 0; at < ring.length; at += 2) {
      const { x, y } = pointOf({ longitude: ring[at] ?? 0, latitude: ring[at + 1] ?? 0 });
      if (at === 0) path.moveTo(x, y);
      else path.lineTo(x, y);
    }
    path.closePath();
    return path;
  });
}

export function draw(canvas: HTMLCanvasElement, drawn: Drawn, view: View, size: Size): void {
  const ratio = devicePixelRatio;
  if (canvas.width !== size.width * ratio || canvas.height !== size.height * ratio) {
    canvas.width = size.width * ratio;
    canvas.height = size.height * ratio;
  }
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = colour('--water');
  context.fillRect(0, 0, size.width, size.height);
  drawLand(context, drawn.coasts, view, size);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  drawGrid(context, view, size);
  drawStations(context, drawn, view, size);
}

function drawLand(
  context: CanvasRenderingContext2D,
  coasts: readonly Path2D[],
  view: View,
  size: Size,
): void {
  const origin = onScreen({ x: 0, y: 0 }, view, size);
  context.translate(origin.x, origin.y);
  context.scale(view.pixels, view.pixels);
  context.fillStyle = colour('--land');
  context.strokeStyle = colour('--coast');
  context.lineWidth = 1 / view.pixels;
  for (const coast of coasts) {
    context.fill(coast);
    context.stroke(coast);
  }
}

/** Meridians and parallels, so that there is something to go by where no coast is near. */
function drawGrid(context: CanvasRenderingContext2D, view: View, size: Size): void {
  const topLeft = placeOf(offScreen({ x: 0, y: 0 }, view, size));
  const bottomRight = placeOf(offScreen({ x: size.width, y: size.height }, view, size));
  const step = stepOf(((bottomRight.longitude - topLeft.longitude) * 90) / size.width);
  context.strokeStyle = colour('--grid-of-map');
  context.fillStyle = colour('--soft');
  context.font = fontOf(context, 0.75);
  context.lineWidth = 1;
  context.beginPath();
  const lines = (from: number, to: number, each: (degrees: number) => void) => {
    for (let n = Math.ceil(from / step); n * step <= to; n++) each(n * step);
  };
  const screen = (place: Place) => onScreen(pointOf(place), view, size);
  lines(Math.max(-180, topLeft.longitude), Math.min(180, bottomRight.longitude), (longitude) => {
    const { x } = screen({ longitude, latitude: 0 });
    context.moveTo(Math.round(x) + 0.5, 0);
    context.lineTo(Math.round(x) + 0.5, size.height);
    const label = degreesOf(longitude, step, 'E', 'W');
    if (x + 3 + context.measureText(label).width < size.width)
      context.fillText(label, x + 3, size.height - 5);
  });
  lines(bottomRight.latitude, topLeft.latitude, (latitude) => {
    const { y } = screen({ longitude: 0, latitude });
    context.moveTo(0, Math.round(y) + 0.5);
    context.lineTo(size.width, Math.round(y) + 0.5);
    // Lower down it would be on those of the meridians.
    if (y < size.height - 16) context.fillText(degreesOf(latitude, step, 'N', 'S'), 4, y - 3);
  });
  context.stroke();
}

/** A step of degrees that people count in, at least so large. */
function stepOf(least: number): number {
  const steps = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
  return steps.findLast((step) => step >= least) ?? 30;
}

function degreesOf(degrees: number, step: number, over: string, under: string): string {
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return `${Math.abs(degrees).toFixed(digits)}° ${degrees < 0 ? under : over}`;
}

function drawStations(context: CanvasRenderingContext2D, drawn: Drawn, view: View, size: Size): void {
  const seen = drawn.stations
    .map((station, index) => ({ ...station, index, ...onScreen(station.point, view, size) }))
    .filter(({ x, y }) => x > -radius && x < size.width + radius && y > -radius && y < size.height + radius);
  context.lineWidth = 1.5;
  context.strokeStyle = colour('--surface');
  for (const { x, y, mark } of seen) {
    context.fillStyle = mark.colour;
    context.beginPath();
    if (mark.isSquare) context.rect(x - radius + 1, y - radius + 1, 2 * radius - 2, 2 * radius - 2);
    else context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
  drawNames(context, seen, drawn.at);
  const chosen = seen.find(({ index }) => index === drawn.at);
  if (chosen === undefined) return;
  context.strokeStyle = colour('--text');
  context.lineWidth = 2;
  context.beginPath();
  context.arc(chosen.x, chosen.y, radius + 4, 0, 2 * Math.PI);
  context.stroke();
}

/** Names that have room, the chosen one's first. */
function drawNames(
  context: CanvasRenderingContext2D,
  seen: readonly (Point & { readonly index: number; readonly name: string })[],
  at: number | undefined,
): void {
  context.font = fontOf(context, 0.8);
  context.fillStyle = colour('--text');
  context.strokeStyle = colour('--surface');
  context.lineWidth = 3;
  const taken: { left: number; right: number; y: number }[] = [];
  for (const { x, y, name } of seen.toSorted((a, b) => Number(b.index === at) - Number(a.index === at))) {
    if (taken.length >= mostNames) return;
    const left = x + radius + 4;
    const right = left + context.measureText(name).width;
    if (taken.some((other) => Math.abs(other.y - y) < 14 && left < other.right && right > other.left))
      continue;
    taken.push({ left, right, y });
    context.strokeText(name, left, y + 4);
    context.fillText(name, left, y + 4);
  }
}
