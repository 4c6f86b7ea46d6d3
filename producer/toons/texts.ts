import type { Random } from '../synthetic/random.ts';

const stations = ['Aranjuez', 'Tortosa', 'Zaragoza', 'Mérida', 'Zamora', 'Sevilla'] as const;
const greetings = [
  'Sensor swapped',
  'Nivel alto',
  'Batterie faible',
  'Kalibriert',
  'Station offline',
] as const;

/** First of March 2026, 00:00 UTC: made-up toons have made-up times, not the time of their making. */
const epochMs = Date.UTC(2026, 2, 1);

/** A time of the made-up month, in steps of a minute. */
export function madeUpTime(random: Random): Date {
  return new Date(epochMs + random.integer(0, 30 * 24 * 60) * 60_000);
}

/** The place of a made-up toon. */
export function madeUpStation(random: Random): string {
  return random.pick(stations);
}

/** Lines of `gadget-telemetry`, one gadget every 15 minutes, as the producer sends them. */
export function writeTelemetry(random: Random): Uint8Array {
  const gadget = `toon-gadget-${String(random.integer(1, 40)).padStart(2, '0')}`;
  const startMs = madeUpTime(random).getTime();
  let battery = 60 + random.uniform() * 40;
  const lines = Array.from({ length: random.integer(8, 96) }, (_, index) => {
    battery = Math.max(1, battery - random.uniform() * 0.2);
    return JSON.stringify({
      dataset: 'gadget-telemetry',
      sensorId: gadget,
      timestamp: new Date(startMs + index * 15 * 60_000).toISOString(),
      battery: Math.round(battery * 10) / 10,
      signal: random.integer(-110, -50),
      temperature: Math.round((12 + Math.sin(index / 15) * 8 + random.uniform()) * 10) / 10,
      firmware: '2.4.1',
    });
  });
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** A message: mostly JSON as a program writes it, every fourth a text as a person does. */
export function writeMessage(random: Random, index: number): Uint8Array {
  const subject = random.pick(greetings);
  const station = madeUpStation(random);
  const sentAt = madeUpTime(random).toISOString();
  if (index % 4 === 3)
    return Buffer.from(`${subject} (${station}, ${sentAt})\n\nSee the log of the station.\n`);
  return Buffer.from(
    JSON.stringify({
      subject,
      station,
      sentAt,
      level: random.integer(1, 5),
      tags: ['synthetic', station.toLowerCase()],
      reading: { value: Math.round(random.uniform() * 1000) / 10, unit: '°C' },
    }),
  );
}
