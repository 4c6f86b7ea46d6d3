import type { Dataset } from '../../core/dataset/dataset.ts';
import type { Synthetic } from '../../core/dataset/definition.ts';
import type { Reading } from '../../core/dataset/reading.ts';
import { dayMs } from '../../core/time/duration.ts';
import { Random } from './random.ts';
import { syntheticEvents } from './synthetic-events.ts';
import type { SyntheticOptions } from './synthetic-options.ts';

const yearMs = 365.2425 * dayMs;
/** How often a sensor falls silent, a step, and for how many steps at most. */
const gapChance = 0.002;
const longestGap = 12;

/**
 * Made-up readings without end, step by step and in each step sensor by sensor: sines over the year and the day, drift,
 * noise, an offset of each sensor, and gaps. Equal options give equal readings. A sensor's numbers depend on the seed
 * and its id alone, so more sensors change nothing in those that were there. Of a dataset of events they are events.
 */
export function syntheticReadings(options: SyntheticOptions): Generator<Reading> {
  return options.dataset.kind === 'events' ? syntheticEvents(options) : readingsOf(options);
}

function* readingsOf(options: SyntheticOptions): Generator<Reading> {
  const { dataset, startMs, everyMs } = options;
  const sensors = Array.from({ length: options.sensors }, (_, index) => new SyntheticSensor(options, index));
  for (let step = 0; ; step += 1) {
    // Spread over the step, as sensors are: a series stays on its own grid.
    for (const [index, sensor] of sensors.entries()) {
      const timestampMs = startMs + step * everyMs + Math.floor((index * everyMs) / sensors.length);
      const values = sensor.next(timestampMs);
      if (values === undefined) continue;
      yield {
        sensorId: sensor.id,
        timestampMs,
        revision: 0,
        values,
        attributes: sensor.attributesOf(dataset),
      };
    }
  }
}

/** The ids that made-up readings have: `sensor-0001` and on. */
const syntheticSensorId = (index: number): string => `sensor-${String(index + 1).padStart(4, '0')}`;

class SyntheticSensor {
  readonly id: string;
  readonly #random: Random;
  readonly #models: readonly MeasureModel[];
  readonly #attributes: readonly string[];
  #silentSteps = 0;

  constructor({ dataset, seed, startMs }: SyntheticOptions, index: number) {
    this.id = syntheticSensorId(index);
    this.#random = new Random(seed, dataset.name, this.id);
    this.#models = dataset.measureNames.map((name) => measureModel(dataset, name, startMs, this.#random));
    this.#attributes = dataset.attributeNames.map((name) =>
      `${name.toLowerCase()}-${this.#random.below(6) + 1}`.slice(0, dataset.attributes[name]?.maxLength),
    );
  }

  /** One step; `undefined` while it is silent. */
  next(timestampMs: number): readonly (number | null)[] | undefined {
    if (this.#silentSteps > 0) {
      this.#silentSteps -= 1;
      return undefined;
    }
    if (this.#random.chance(gapChance)) this.#silentSteps = 1 + this.#random.below(longestGap);
    return this.#models.map((model) => model(timestampMs));
  }

  attributesOf(dataset: Dataset): readonly (string | null)[] {
    return this.#attributes.map((text, index) => {
      const optional = dataset.attributes[dataset.attributeNames[index] ?? '']?.optional;
      return optional && this.#random.chance(0.1) ? null : text;
    });
  }
}

type MeasureModel = (timestampMs: number) => number | null;

/** A measure for which the dataset declares no `synthetic` swings in the middle of its range. */
function measureModel(dataset: Dataset, name: string, startMs: number, random: Random): MeasureModel {
  const { min = 0, max = 1, optional = false } = dataset.measures[name] ?? {};
  const range = max - min;
  const given: Synthetic = dataset.synthetic?.[name] ?? {
    mean: min + range / 2,
    seasonal: range / 10,
    daily: range / 20,
    noise: range / 50,
  };
  const { mean, seasonal = 0, daily = 0, noise = 0, drift = 0 } = given;
  const offset = noise * random.normal();
  const phase = random.uniform();
  // Three digits behind the point, or as many as a narrow range needs.
  const scale = 10 ** Math.max(3, Math.ceil(4 - Math.log10(range || 1)));
  const missing = new Set(dataset.missing);
  return (timestampMs) => {
    if (optional && random.chance(0.05)) return null;
    const value =
      mean +
      offset +
      seasonal * Math.sin(2 * Math.PI * (timestampMs / yearMs - 0.3)) +
      daily * Math.sin(2 * Math.PI * (timestampMs / dayMs + phase)) +
      drift * ((timestampMs - startMs) / yearMs) +
      noise * random.normal();
    const rounded = Math.min(max, Math.max(min, Math.round(value * scale) / scale)) + 0;
    return missing.has(rounded) ? mean : rounded;
  };
}
