import { defineDataset } from '../../core/dataset/dataset.ts';
import { encodeReading } from '../../core/dataset/reading.ts';

/** A small dataset with one of everything that the ingestion tells apart. */
export const probes = defineDataset({
  name: 'probes',
  timeZone: 'Europe/Madrid',
  shards: 2,
  measures: {
    temperature: { unit: '°C', min: -50, max: 100 },
    humidity: { unit: '%', min: 0, max: 100, optional: true },
  },
  attributes: { site: { maxLength: 8, optional: true } },
  missing: [-999],
  alerts: { hot: { measure: 'temperature', above: 30 }, cold: { measure: 'temperature', below: 0 } },
});

export interface Probe {
  sensorId: string;
  /** Any ISO timestamp. */
  at: string;
  temperature: number;
  humidity?: number;
  revision?: number;
}

/** A line of NDJSON, with its newline. */
function line({ sensorId, at, temperature, humidity, revision = 0 }: Probe): string {
  const values = [temperature, humidity ?? null];
  const reading = { sensorId, timestampMs: Date.parse(at), revision, values, attributes: [null] };
  return `${encodeReading(probes, reading)}\n`;
}

/** NDJSON of several readings. */
export const lines = (...readings: Probe[]): string => readings.map(line).join('');
