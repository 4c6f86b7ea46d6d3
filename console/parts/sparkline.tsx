interface SparklineProps {
  readonly values: readonly (number | undefined)[];
  /** What it shows, in words. */
  readonly name: string;
}

const width = 240;
const height = 44;

/** A small line of values at equal distances; `undefined` is a gap. */
export function Sparkline({ values, name }: SparklineProps) {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return null;
  const [least, greatest] = [Math.min(...known), Math.max(...known)];
  const x = (index: number): number => 3 + (index / Math.max(1, values.length - 1)) * (width - 6);
  const y = (value: number): number =>
    height - 4 - ((value - least) / (greatest - least || 1)) * (height - 8);
  let path = '';
  let pen = 'M';
  values.forEach((value, index) => {
    if (value === undefined) pen = 'M';
    else {
      path += `${pen}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = 'L';
    }
  });
  const last = values.findLastIndex((value) => value !== undefined);
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={name}
    >
      <path d={path} />
      {/* A line without a length has a round end, whatever the place is stretched to. */}
      <path class="end" d={`M${x(last).toFixed(1)} ${y(values[last] ?? 0).toFixed(1)}h0`} />
    </svg>
  );
}
