import { defineDataset } from '../core/dataset/dataset.ts';

/** What a battery-powered gadget reports about itself. Many gadgets, so a day is spread over eight files. */
export default defineDataset({
  name: 'gadget-telemetry',
  timeZone: 'UTC',
  shards: 8,
  measures: {
    battery: { unit: '%', min: 0, max: 100 },
    signal: { unit: 'dBm', min: -150, max: 0 },
    temperature: { unit: '°C', min: -60, max: 150, optional: true },
  },
  attributes: { firmware: { maxLength: 32, optional: true } },
  missing: [-9999],
  earliest: '2010-01-01', // the first gadgets are younger, and those that lost their clock begin in 1970 or 2000
  alerts: {
    'low-battery': { measure: 'battery', below: 15 },
    // Up as well: somebody has put another one in.
    'battery-jump': { measure: 'battery', changesBy: 40, within: '6 hours' },
    // Up and down is how a signal is; hours of it are an antenna, or a gadget that was moved.
    'weak-signal': { measure: 'signal', below: -100, lasting: '6 hours' },
    silent: { measure: 'battery', noDataFor: '2 hours' },
    'temperature-out-of-bounds': { measure: 'temperature', above: 85, below: -30 },
  },
  csv: { timestamp: ['timestamp', 'iso'], sensorId: 'gadget' },
  expectedEvery: '15 minutes',
  synthetic: {
    battery: { mean: 62, daily: 6, noise: 8 },
    signal: { mean: -78, daily: 3, noise: 6 },
    temperature: { mean: 24, seasonal: 9, daily: 5, noise: 1.5 },
  },
});
