/**
 * Readings of four made-up stations along a coast, one an hour of March 2025 in Europe/Madrid, where the 30th has 23 hours: with a daily
 * swing, weather that they share, two gaps, and a warm current at one of them on the 12th. docs/sql.md asks about them.
 */
export function coastReadings(): string[] {
  return stations.flatMap(({ sensorId, mean, swing }, at) =>
    Array.from({ length: 743 }, (_, hour) => hour)
      .filter((hour) => !gaps.some(({ of, from, to }) => of === sensorId && hour >= from && hour < to))
      .map((hour) => {
        const daily = swing * Math.sin((2 * Math.PI * (hour - 9)) / 24);
        const weather = 0.9 * Math.sin(hour / 71) + 0.5 * Math.sin(hour / 29 + 1);
        const own = 0.3 * Math.sin(hour / 5 + at * 2);
        const current =
          sensorId === 'pier' && hour >= 270 && hour < 282
            ? 2.6 * Math.sin((Math.PI * (hour - 269)) / 13)
            : 0;
        const temperature = Math.round((mean + daily + weather + own + current) * 10) / 10;
        const deviation = Math.round((0.2 + 0.1 * Math.sin(hour / 13 + at)) * 100) / 100;
        const timestamp = new Date(startMs + hour * 3_600_000).toISOString();
        return JSON.stringify({ dataset: 'water-temperature', sensorId, timestamp, temperature, deviation });
      }),
  );
}

/** The first hour of March there, UTC ms. */
const startMs = Date.UTC(2025, 1, 28, 23);

const stations = [
  { sensorId: 'cape', mean: 13.2, swing: 0.4 },
  { sensorId: 'harbour', mean: 14.1, swing: 0.9 },
  { sensorId: 'pier', mean: 13.7, swing: 0.7 },
  { sensorId: 'river-mouth', mean: 12.4, swing: 1.3 },
];

/** Hours of March in which a station sent nothing, the last one not included. */
const gaps = [
  { of: 'harbour', from: 100, to: 130 },
  { of: 'river-mouth', from: 500, to: 507 },
];
