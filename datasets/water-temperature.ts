import { defineDataset } from '../core/dataset/dataset.ts';

/** Weekly water temperatures of a coastal station, with the standard deviation of each measurement. */
export default defineDataset({
  name: 'water-temperature',
  timeZone: 'Europe/Madrid',
  shards: 1,
  defaultSensorId: 'aquasense',
  measures: {
    temperature: { unit: '°C', min: -5, max: 45 },
    deviation: { unit: '°C', min: 0, max: 20, optional: true },
  },
  missing: [-999],
  alerts: { 'high-deviation': { measure: 'deviation', above: 0.5 } },
  csv: { timestamp: ['Fecha', 'yyyy/M/d'], temperature: 'Medida', deviation: 'Desviaciones' },
  expectedEvery: '7 days',
  synthetic: {
    temperature: { mean: 17, seasonal: 5, noise: 0.8 },
    deviation: { mean: 0.25, noise: 0.055 },
  },
});
