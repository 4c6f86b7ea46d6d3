import { expect, test } from 'vitest';
import { timeKindOf, unmeasuredBy, wordsOf } from './name-words.ts';

test.each([
  ['connectionDeviceId', ['connection', 'device', 'id']],
  ['time_utc', ['time', 'utc']],
  ['DateUTC', ['date', 'utc']],
  ['UTCTime', ['utc', 'time']],
  ['Air temperature [°C] avg', ['air', 'temperature', 'c', 'avg']],
  ['@iot.id', ['iot', 'id']],
  ['Größe_m2', ['größe', 'm2']],
])('%s is of the words %j', (name, words) => {
  expect(wordsOf(name)).toEqual(words);
});

test.each([
  ['measuring', ['phenomenonTime', 'observed_at', 'sampleTime', 'obsTimeUtc', 'last_measured']],
  ['answering', ['time_server', 'serverTime', 'generated_at', 'requestTime', 'time_exec', 'exported']],
  ['handling', ['resultTime', 'received_at', 'created_at', 'updatedAt', 'last_seen', 'published_at']],
  [undefined, ['time', 'timestamp', 'dt', 'dateTime', 'time_utc', 'TIMESTAMP_START', 'referenceTime']],
] as const)('%s', (kind, names) => {
  for (const name of names) expect([name, timeKindOf(name)]).toEqual([name, kind]);
});

test.each([
  ['the version of a program', ['firmware_revision', 'firmware', 'fwVer', 'sw_version', 'version', 'api_rev', 'build', 'cfg_rev']],
  ['whether something went well', ['cod', 'statusCode', 'errno', 'error_code', 'http_status', 'returnCode']],
  ['a flag of quality', ['temp_flag', 'TEMP_QC', 'Flags', '気温 品質情報']],
  ['an id', ['msg_id', 'timeSeriesId', 'feed_id']],
  ['the number of a device', ['Serial Number', 'imei', 'serial_no']],
  ['how much there is in an answer', ['currentItemCount', 'itemsPerPage', 'numberMatched', 'total_results', 'page_size', 'row_count']],
  ['how long computing took', ['calctime', 'time_exec', 'queryTime', 'generationtime_ms', 'processing_time_ms', 'took']],
  ['how often is measured or sent', ['step_time', 'sampling_interval', 'uploadInterval_s', 'log_interval_min', 'sampleRate']],
  ['the number of a message', ['fcnt', 'f_cnt_up', 'fPort', 'seq', 'packet_no', 'sequenceNumber']],
] as const)('%s', (what, names) => {
  for (const name of names) expect([name, unmeasuredBy(name)]).toEqual([name, what]);
}); // biome-ignore format: a kind a line

test('what may be measured is not taken for less by its name', () => {
  for (const name of ['count', 'pm_count', 'total', 'rain_total', 'status', 'result', 'value', 'period', 'wave_period', 'SW_IN', 'conversion', 'inversion height',
    'steps', 'rate', 'flow_rate', 'duration', 'response_time', 'code', 'offset', 'revolutions', 'max_result', 'frame_temp', 'message', 'n', 'item_weight', 'uv index'])
    expect([name, unmeasuredBy(name)]).toEqual([name, undefined]);
}); // biome-ignore format: short
