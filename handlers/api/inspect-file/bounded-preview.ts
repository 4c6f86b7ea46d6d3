import type { previewReport } from './preview-report.ts';

type Report = ReturnType<typeof previewReport>;

/** Characters of JSON that the rows of an answer may have together: Lambda returns 6 MB. */
const maxCharacters = 3_000_000;
const maxSensors = 100;
const maxPeriods = 1_000;

/** A report of a size that can be answered: the first days, months and sensors, with how many there are of each. */
export function boundedPreview(report: Report) {
  let left = maxCharacters;
  const fitting = <Row>(rows: readonly Row[], most: number): Row[] => {
    const taken: Row[] = [];
    for (const row of rows.slice(0, most)) {
      left -= JSON.stringify(row).length;
      if (left < 0) break;
      taken.push(row);
    }
    return taken;
  };
  const { sensors, days, months } = report;
  return {
    ...report,
    months: fitting(months, maxPeriods),
    days: fitting(days, maxPeriods),
    sensors: fitting(sensors, maxSensors),
    inAll: { sensors: sensors.length, days: days.length, months: months.length },
  };
}
