import { arn } from '../../engine/calls.ts';
import { type Acting, roleCaller } from '../../iam/permissions.ts';
import type { Need, ServicePermissions } from '../../iam/service-permissions.ts';
import type { CatalogTable } from './catalog.ts';

/** Each operation is about a statement, and so about the workgroup that it runs in: Athena looks it up, and then asks. */
const byStatement = () => [];

export const athenaPermissions: ServicePermissions = {
  prefix: 'athena',
  needs: {
    StartQueryExecution: byStatement,
    GetQueryExecution: byStatement,
    GetQueryResults: byStatement,
    StopQueryExecution: byStatement,
  },
};

/** What Athena asks of its caller's rights. Each throws the refusal of the service that is asked. */
export interface CallerRights {
  /** @param operation `GetQueryResults` */
  ask(operation: string, workgroup: string): void;
  /** Reading the definition of a table, or of a view. */
  readTable(database: string, table: CatalogTable): void;
  listFiles(bucket: string, prefix: string): void;
  readFile(bucket: string, key: string): void;
  writeAnswer(bucket: string, key: string): void;
  readAnswer(bucket: string, key: string): void;
}

/** Of a role; who is none of the template's may do everything. */
export function rightsOf(
  acting: Acting,
  role: { roleArn: string; logicalId: string } | undefined,
): CallerRights {
  const need = (service: string, ...needs: readonly Need[]): void => {
    if (role === undefined) return;
    for (const each of needs) acting.require(roleCaller(role.roleArn, role.logicalId), service, each);
  };
  // With the caller's rights, but from where Athena is.
  const forCaller = (action: string, resource: string, context: Record<string, string> = {}): Need => ({
    ...{ action, resource, context: { 'aws:viaawsservice': 'true', ...context } },
  });
  const object = (bucket: string, key: string): string => arn('s3', `${bucket}/${key}`);
  return {
    ask: (operation, workgroup) =>
      need('athena', { action: `athena:${operation}`, resource: arn('athena', `workgroup/${workgroup}`) }),
    readTable(database, { name }) {
      const [catalog, ofDatabase] = [arn('glue', 'catalog'), arn('glue', `database/${database}`)];
      const table = arn('glue', `table/${database}/${name}`);
      need(
        'glue',
        ...[catalog, ofDatabase].map((resource) => forCaller('glue:GetDatabase', resource)),
        ...[catalog, ofDatabase, table].map((resource) => forCaller('glue:GetTable', resource)),
      );
    },
    listFiles: (bucket, prefix) =>
      need('s3', forCaller('s3:ListBucket', arn('s3', bucket), { 's3:prefix': prefix })),
    readFile: (bucket, key) => need('s3', forCaller('s3:GetObject', object(bucket, key))),
    writeAnswer: (bucket, key) =>
      need(
        's3',
        forCaller('s3:GetBucketLocation', arn('s3', bucket)),
        forCaller('s3:PutObject', object(bucket, key)),
      ),
    readAnswer: (bucket, key) => need('s3', forCaller('s3:GetObject', object(bucket, key))),
  };
}
