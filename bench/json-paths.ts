import { defineDataset } from '../core/dataset/dataset.ts';
import { parseSegmentRows } from '../core/lines/parse-segment.ts';
import { theThingsStack } from '../formats/json/the-things-stack.ts';
import { median } from './hot/times.ts';

/**
 * `node bench/json-paths.ts [LINES]`: what it takes to read JSON by the paths of a format, as uplinks of The Things Stack on lines, beside
 * JSON.parse of the same lines: a file, and the stream. Medians of the CPU's time of seven turns, in turns.
 */
const lines = Number(process.argv[2] ?? 40_000);
const turns = 7;
const startMs = Date.UTC(2026, 4, 1);

const dataset = defineDataset({
  ...{ name: 'soil', timeZone: 'Europe/Madrid', shards: 1 },
  measures: {
    moisture: { unit: '%', min: 0, max: 100 },
    temperature: { unit: '°C', min: -40, max: 60 },
    battery: { unit: 'V', min: 0, max: 5, optional: true },
  },
  formats: [theThingsStack.with({ match: '*.ttn' })],
});

const bytes = Buffer.from(
  Array.from({ length: lines }, (_, at) => `${JSON.stringify(uplink(at))}\n`).join(''),
);

function uplink(at: number): object {
  const receivedAt = new Date(startMs + at * 1_000).toISOString().replace('Z', '456789Z');
  return {
    end_device_ids: {
      ...{ device_id: `soil-${at % 200}`, application_ids: { application_id: 'fields' } },
      ...{ dev_eui: '70B3D50000000004', join_eui: '0000000000000001', dev_addr: '260B0004' },
    },
    correlation_ids: [`as:up:01MADEUP${at}`, `gs:uplink:01MADEUP${at}`],
    received_at: receivedAt,
    uplink_message: {
      ...{ session_key_id: 'AWNbmadeup==', f_port: 2, f_cnt: at, frm_payload: 'AAECAwQFBgc=' },
      decoded_payload: { moisture: (at % 1_000) / 10, temperature: 20 + (at % 100) / 10, battery: 3.6 },
      rx_metadata: [
        {
          gateway_ids: { gateway_id: 'roof', eui: 'AA555A0000000101' },
          ...{ time: receivedAt, timestamp: 3_895_211_423, rssi: -68, channel_rssi: -68, snr: 9.25 },
          location: { latitude: 47.01, longitude: 8.02, altitude: 430, source: 'SOURCE_REGISTRY' },
        },
      ],
      settings: {
        data_rate: { lora: { bandwidth: 125_000, spreading_factor: 7, coding_rate: '4/5' } },
        ...{ frequency: '868100000', timestamp: 3_895_211_423, time: receivedAt },
      },
      ...{ received_at: receivedAt, consumed_airtime: '0.061696s' },
      network_ids: { net_id: '000013', tenant_id: 'ttn', cluster_id: 'eu1' },
    },
  };
}

async function* chunks() {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

function parseAll(): number {
  let count = 0;
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at);
    if (JSON.parse(bytes.toString('utf8', at, end)) !== null) count++;
    at = end + 1;
  }
  return count;
}

async function readAll(key: string): Promise<number> {
  const { totals } = await parseSegmentRows(
    { source: { key, arrivedMs: startMs + 86_400_000 }, datasets: [dataset], bytes: chunks() },
    { rejected: (line, reason, detail) => console.error(line, reason, detail) },
  );
  return totals.valid;
}

const ways: Readonly<Record<string, () => number | Promise<number>>> = {
  'JSON.parse': parseAll,
  'a file by paths': () => readAll('landing/soil/x.ttn'),
  'the stream by paths': () => readAll('raw/x'),
};
const times: Record<string, number[]> = {};
for (let turn = 0; turn <= turns; turn++)
  for (const [name, run] of Object.entries(ways)) {
    const from = process.cpuUsage();
    const count = await run();
    if (count !== lines) throw new Error(`${name}: ${count} of ${lines}`);
    // The first warms up.
    if (turn > 0) times[name] = [...(times[name] ?? []), process.cpuUsage(from).user / 1_000];
  }

console.log(`${lines} lines, ${(bytes.length / 1e6).toFixed(0)} MB, medians of ${turns}`);
for (const name of Object.keys(ways))
  console.log(
    `${name.padEnd(22)}${median(times[name] ?? [])
      .toFixed(0)
      .padStart(
        6,
      )} ms${(median(times[name] ?? []) / median(times['JSON.parse'] ?? [])).toFixed(2).padStart(7)}`,
  );
