import { type Provisioners, physicalName } from '../../template/resource.ts';
import { tableOf } from './catalog.ts';
import type { Athena } from './service.ts';

/** Databases and tables of Glue's catalog, and workgroups. */
export function provisionAthena(athena: Athena): Provisioners {
  return {
    'AWS::Glue::Database': ({ stack, logicalId, properties }) => {
      const name = properties.DatabaseInput?.Name ?? physicalName(stack, logicalId);
      athena.createDatabase(name);
      return { ref: name };
    },
    'AWS::Glue::Table': ({ properties }) => {
      const table = tableOf(properties.TableInput);
      athena.createTable(properties.DatabaseName, table);
      return { ref: table.name };
    },
    'AWS::Athena::WorkGroup': ({ properties }) => {
      const { ResultConfiguration } = properties.WorkGroupConfiguration ?? {};
      athena.createWorkGroup(properties.Name, ResultConfiguration?.OutputLocation);
      return { ref: properties.Name };
    },
  };
}
