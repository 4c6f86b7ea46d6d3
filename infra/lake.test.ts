import { describe, expect, test } from 'vitest';
import { datasets } from '#datasets';
import { lakeViews } from '../core/lake/lake-views.ts';
import { resourcesOf } from '../test/support/infra/resources.ts';
import { synthesize } from '../test/support/infra/synthesized.ts';

const { data } = synthesize({ 'caudal:stage': 'one' });
// biome-ignore lint/suspicious/noExplicitAny: a property of CloudFormation
const tables = resourcesOf(data, 'AWS::Glue::Table').map(({ properties }): any => properties);
const named = (name: string) => {
  const found = tables.find(({ TableInput }) => TableInput.Name === name);
  if (found === undefined) throw new Error(`${name} is missing`);
  return found.TableInput;
};

test('each dataset has its files and its view in the database of the stage', () => {
  const names = lakeViews(datasets).flatMap(({ name, files }) => [name, files]);
  expect(tables.map(({ TableInput }) => TableInput.Name).sort()).toEqual(names.sort());
  const [database] = resourcesOf(data, 'AWS::Glue::Database');
  expect(database?.properties.DatabaseInput.Name).toBe('caudal_one');
  for (const { DatabaseName } of tables) expect(DatabaseName).toEqual({ Ref: database?.id });
});

describe('the table of files', () => {
  const table = named('water_temperature_files');

  test('projects the folder of each day, from the first that there can be to those that readings may be ahead of', () => {
    expect(table.Parameters).toMatchObject({
      'projection.enabled': 'true',
      'projection.date.type': 'date',
      'projection.date.format': 'yyyy-MM-dd',
      'projection.date.range': '2000-01-01,NOW+2DAYS',
    });
    expect(JSON.stringify(table.Parameters['storage.location.template'])).toContain(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Athena puts the date in
      '/curated/dataset=water-temperature/date=${date}/',
    );
    expect(table.PartitionKeys.map(({ Name, Type }: Record<string, string>) => `${Name} ${Type}`)).toEqual([
      'date string',
    ]);
    expect(named('gadget_telemetry_files').Parameters['projection.date.range']).toMatch(/^2010-01-01,/);
  });

  test('has the columns of the files, in lower case', () => {
    expect(
      table.StorageDescriptor.Columns.map(({ Name, Type }: Record<string, string>) => `${Name} ${Type}`),
    ).toEqual([
      ...[
        'sensorid string',
        'timestamp timestamp',
        'revision int',
        'uploadedat timestamp',
        'contested boolean',
      ],
      ...['withdrawn boolean', 'temperature double', 'deviation double'],
    ]);
  });
});

describe('the view', () => {
  const { StorageDescriptor, ViewOriginalText, TableType } = named('water_temperature');
  const [, encoded = ''] = /^\/\* Presto View: (\S+) \*\/$/.exec(ViewOriginalText) ?? [];
  const meaning = JSON.parse(Buffer.from(encoded, 'base64').toString());

  test('has the columns that DuckDB shows, with units as comments, and the same in what Athena reads', () => {
    const [view] = lakeViews(datasets).filter(({ name }) => name === 'water_temperature');
    const names = view?.columns.map(({ name }) => name);
    expect(TableType).toBe('VIRTUAL_VIEW');
    expect(StorageDescriptor.Columns.map(({ Name }: { Name: string }) => Name)).toEqual(names);
    expect(meaning.columns.map(({ name }: { name: string }) => name)).toEqual(names);
    expect(StorageDescriptor.Columns).toContainEqual({
      Name: 'temperature',
      Type: 'double',
      Comment: '°C, -5 to 45',
    });
  });

  test('is of the stage, with times of the zone and without withdrawn readings', () => {
    expect(meaning.schema).toBe('caudal_one');
    expect(meaning.originalSql).toContain(
      'FROM "caudal_one"."water_temperature_files" WHERE NOT coalesce("withdrawn", false)',
    );
    expect(meaning.originalSql).toContain(`AT TIME ZONE 'Europe/Madrid' AS timestamp(3)) AS "local_time"`);
  });
});

test('the workgroup bounds what a statement reads, and encrypts results that expire', () => {
  const [workgroup] = resourcesOf(data, 'AWS::Athena::WorkGroup');
  expect(workgroup?.properties).toMatchObject({
    Name: 'caudal-sql-one',
    WorkGroupConfiguration: {
      EnforceWorkGroupConfiguration: true,
      BytesScannedCutoffPerQuery: 100_000_000_000,
      ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: 'SSE_KMS' } },
    },
  });
  const results = resourcesOf(data, 'AWS::S3::Bucket').find(({ id }) => id.startsWith('LakeResults'));
  expect(results?.properties.LifecycleConfiguration.Rules).toMatchObject([
    { Status: 'Enabled', ExpirationInDays: 7 },
  ]);
});
