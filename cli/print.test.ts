import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileWord, optionWords, shellWord } from '../core/shell-word.ts';
import { refusedText } from '../operator/shared/refused-files.ts';
import { commandPrefix, regionMissing, stageOf } from './connection.ts';
import { oneLine, printable, withEndpoint } from './print.ts';
import { renderTable } from './table.ts';

test('what a terminal would obey is shown instead', () => {
  expect(printable('a\x1b]0;title\x07b')).toBe('a\\u001b]0;title\\u0007b');
  expect(printable('\x9b31mred')).toBe('\\u009b31mred');
  expect(printable('over\rwritten')).toBe('over\\u000dwritten');
  expect(printable('abc\u202edcba')).toBe('abc\\u202edcba');
});

test('text of any language, tabs and newlines stay', () => {
  const text = 'Ñandú\t水温 12,4 °C\n  ✓ done — µg/m³ 👩‍🔬';
  expect(printable(text)).toBe(text);
});

test('a key or a cell with newlines stays on its line, so that it can pass for none of ours', () => {
  const key = 'landing/air/x\n  take it as it is: rm\t-r x';
  expect(oneLine(key)).toBe(String.raw`landing/air/x\u000a  take it as it is: rm\u0009-r x`);
  expect(renderTable([{ title: 'file' }], [[key]], 200).split('\n')).toHaveLength(3);
  const refusal = { reason: 'not-text', detail: 'x', lines: [{ line: 1, text: key }] } as const;
  const told = refusedText({ bucket: 'raw', key, versionId: 'v', refusal, hasEarlier: false });
  expect(told.filter((line) => line.includes('\n'))).toEqual([]);
});

test('JSON keeps its value', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      expect(JSON.parse(printable(JSON.stringify({ value })))).toEqual({ value });
    }),
  );
});

test('a suggested command names the local endpoint where it would not be found without', () => {
  const local = { AWS_ENDPOINT_URL: 'http://127.0.0.1:5566' };
  expect(commandPrefix(local)).toBe('AWS_ENDPOINT_URL=http://127.0.0.1:5566 ');
  expect(commandPrefix({})).toBe('');
  expect(commandPrefix({ AWS_ENDPOINT_URL: 'https://vpce-1.firehose.eu-south-2.vpce.amazonaws.com' })).toBe(
    '',
  );
  const told =
    'Look: npm run caudal -- status, npm run -s caudal -- token, npm run producer -- --count 1; npm run deploy';
  const named = withEndpoint(told, local);
  expect(named).toBe(
    'Look: AWS_ENDPOINT_URL=http://127.0.0.1:5566 npm run caudal -- status, AWS_ENDPOINT_URL=http://127.0.0.1:5566 npm run -s caudal -- token, ' +
      'AWS_ENDPOINT_URL=http://127.0.0.1:5566 npm run producer -- --count 1; npm run deploy',
  );
  expect(withEndpoint(named, local)).toBe(named);
});

test('a suggested command names the stage, and so does a deployment', () => {
  const aws = { AWS_PROFILE: 'work', CAUDAL_STAGE: 'sandbox' };
  const told = 'Look: npm run caudal -- status. Deploy with: npm run deploy';
  const named = withEndpoint(told, aws);
  expect(named).toBe(
    'Look: CAUDAL_STAGE=sandbox npm run caudal -- status. Deploy with: npm run deploy -- -c caudal:stage=sandbox',
  );
  expect(withEndpoint(named, aws)).toBe(named);
  const local = { AWS_ENDPOINT_URL: 'http://127.0.0.1:5566', CAUDAL_STAGE: 'sandbox' };
  const whole = withEndpoint('npm run producer', local);
  expect(whole).toBe('AWS_ENDPOINT_URL=http://127.0.0.1:5566 CAUDAL_STAGE=sandbox npm run producer');
  expect(withEndpoint(whole, local)).toBe(whole);
  expect(withEndpoint(told, { ...aws, CAUDAL_STAGE: '; rm -rf' })).toBe(told);
});

test('the stage is the one that the environment names, and a name that none can have is refused', () => {
  expect(stageOf({ AWS_PROFILE: 'work', CAUDAL_STAGE: 'pre-production' })).toBe('pre-production');
  expect(stageOf({ AWS_PROFILE: 'work', CAUDAL_STAGE: '' })).toBeUndefined();
  expect(() => stageOf({ CAUDAL_STAGE: 'Production' })).toThrow(
    'The variable CAUDAL_STAGE takes 1 to 20 of a-z, 0-9 and -, the first one a letter',
  );
});

test('a suggested command of the AWS CLI never goes to a real account where the local cloud was meant', () => {
  const told = 'fix: aws s3 rm s3://curated/a.parquet && npm run caudal -- replay';
  const local = { AWS_ENDPOINT_URL: 'http://127.0.0.1:5566/' };
  const whole =
    'AWS_ENDPOINT_URL=http://127.0.0.1:5566 AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws s3 rm';
  const named = withEndpoint(told, local);
  expect(named).toBe(
    `fix: ${whole} s3://curated/a.parquet && AWS_ENDPOINT_URL=http://127.0.0.1:5566 npm run caudal -- replay`,
  );
  expect(withEndpoint(named, local)).toBe(named);
  const own = { ...local, AWS_PROFILE: 'mine', AWS_DEFAULT_REGION: 'eu-south-2' };
  expect(withEndpoint('aws dynamodb delete-item', own)).toBe(
    'AWS_ENDPOINT_URL=http://127.0.0.1:5566 aws dynamodb delete-item',
  );
  const aws = { AWS_PROFILE: 'work', AWS_REGION: 'eu-south-2' };
  expect(withEndpoint(told, aws)).toBe(told);
});

test('without a region both ways out are named, and what leads to AWS', () => {
  expect(regionMissing({ AWS_PROFILE: 'work' })).toMatch(
    /AWS_PROFILE in the environment leads to AWS\..*set AWS_REGION.*local cloud/,
  );
  expect(regionMissing({})).not.toContain('leads to AWS');
});

test('a word of a suggested command is one word to a shell, and nothing else', () => {
  expect(shellWord('s3://raw/landing/air/2026-03.csv')).toBe('s3://raw/landing/air/2026-03.csv');
  const words = ['a b', '', "it's", '$(touch x)', '`id`', 'a;b', '~', '*', '"', '\\', 'ñ', '-n', '!x', '#'];
  const hidden = ['a\u001b[31m\nnew\tline\n', "\u0085it's\\\u202e\u00e9%"];
  const bash = ['-c', `printf '%s|' ${hidden.map(shellWord).join(' ')}`];
  expect(execFileSync('bash', bash, { encoding: 'utf8' })).toBe(hidden.map((word) => `${word}|`).join(''));
  expect(hidden.map(shellWord).map(oneLine)).toEqual(hidden.map(shellWord)); // it is printed as it is
  expect([optionWords('--sensor', '-7 a'), fileWord('-rf.csv')]).toEqual(["--sensor='-7 a'", './-rf.csv']);
  const command = `printf '%s\\n' ${words.map(shellWord).join(' ')}`;
  expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' }).slice(0, -1).split('\n')).toEqual(words);
});
