import { spawn } from 'node:child_process';
import type { Report } from '../producer/report.ts';

/**
 * The readings of the demonstration: 200 sensors, 250 readings each, six hours apart. The start and the seed are fixed, so that a
 * second `npm start` sends the same readings again, and everything but the number of repeated lines stays as it was.
 */
const demoReadings = { dataset: 'water-temperature', count: 50_000, sensors: 200 } as const;

const demoArguments = [
  ...['--dataset', demoReadings.dataset],
  ...['--count', String(demoReadings.count), '--sensors', String(demoReadings.sensors)],
  ...['--every', '6h', '--start', '2026-01-01T00:00:00Z', '--seed', '1'],
  ...['--duplicates', '2%', '--invalid', '1%', '--late', '2%'],
];

/** Bookings of twelve salons through two months, of the same start and seed each time. */
const demoBookings = [
  ...['--dataset', 'salon-bookings', '--count', '4000', '--sensors', '12'],
  ...['--every', '1h', '--start', '2026-05-01T00:00:00Z', '--seed', '1'],
  ...['--duplicates', '2%', '--invalid', '1%', '--late', '2%'],
];

/** Streams the demonstration's bookings; see {@link runProducer}. */
export const streamBookings = (options: {
  root: string;
  endpointUrl: string;
  /** Ends the producer. */
  signal: AbortSignal;
}): Promise<Report> => runProducer({ ...options, args: demoBookings });

/** Streams the demonstration's readings; see {@link runProducer}. */
export const streamDemo = (options: {
  root: string;
  endpointUrl: string;
  /** Ends the producer. */
  signal: AbortSignal;
}): Promise<Report> => runProducer({ ...options, args: demoArguments });

/**
 * Runs the producer as a person would, against the local endpoint; its progress bar shows on this terminal.
 * @throws when the producer ends with anything but success
 */
export function runProducer(options: {
  root: string;
  endpointUrl: string;
  args: readonly string[];
  /** Ends the producer. */
  signal?: AbortSignal;
}): Promise<Report> {
  const { root, endpointUrl, args, signal } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['producer/main.ts', ...args, '--json'], {
      cwd: root,
      env: { ...process.env, AWS_ENDPOINT_URL: endpointUrl },
      stdio: ['ignore', 'pipe', 'inherit'],
      ...(signal && { signal }),
    });
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(printed) as Report);
      else reject(new Error(`The producer ended with code ${code}.`));
    });
  });
}
