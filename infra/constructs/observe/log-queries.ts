import { QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ofStage } from '../../../core/stage.ts';
import type { HandlerFunction } from '../shared/handler-function.ts';

/** What is asked of logs when something is odd, by its name in CloudWatch. */
const queries = {
  'everything-of-an-execution': {
    fields: ['@timestamp', 'level', 'message', 'function_name', 'key', 'error'],
    filterStatements: ['correlation_id = "put the name of the execution here"'],
    sort: '@timestamp asc',
  },
  'errors-and-warnings': {
    fields: ['@timestamp', 'level', 'message', 'function_name', 'correlation_id', 'error'],
    filterStatements: ['level in ["ERROR", "WARN", "CRITICAL"]'],
    sort: '@timestamp desc',
  },
  'objects-with-rejects': {
    fields: ['@timestamp', 'key', 'lines', 'rejected', 'correlation_id'],
    filterStatements: ['message = "validated"', 'rejected > 0'],
    sort: 'rejected desc',
  },
  'slowest-calls': {
    fields: ['@timestamp', '@log', '@duration', '@maxMemoryUsed / 1000000', '@initDuration', '@requestId'],
    filterStatements: ['@type = "REPORT"'],
    sort: '@duration desc',
  },
} as const;

/** Saved queries of CloudWatch Logs Insights over the logs of functions. They cost nothing until they are run. */
export class LogQueries extends Construct {
  constructor(
    scope: Construct,
    id: string,
    props: { functions: readonly HandlerFunction[]; folder: string; stage: string | undefined },
  ) {
    super(scope, id);
    for (const [name, query] of Object.entries(queries)) {
      new QueryDefinition(this, name, {
        queryDefinitionName: `${ofStage('caudal', props.stage)}/${props.folder}/${name}`,
        queryString: new QueryString({
          ...query,
          fields: [...query.fields],
          filterStatements: [...query.filterStatements],
          limit: 200,
        }),
        logGroups: props.functions.map(({ function: each }) => each.logGroup),
      });
    }
  }
}
