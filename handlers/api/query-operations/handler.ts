import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createFailedSegmentQueries } from '../../../adapters/dynamodb/jobs-table/ingest-jobs.ts';
import {
  createDefinitionReader,
  createExecutionLister,
  createExecutionReader,
} from '../../../adapters/step-functions/executions.ts';
import { requireVariables } from '../../environment.ts';
import { createApiFunction } from '../http/api-gateway.ts';
import { createQueryOperations } from './query-operations.ts';

const variables = requireVariables(process.env, ['JOBS_TABLE', 'INGEST_MACHINE_ARN', 'JOB_MACHINE_ARN']);
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const stepFunctions = new SFNClient({});

export const handler = createApiFunction(
  new Logger(),
  (onFault) =>
    createQueryOperations({
      executions: {
        ...createExecutionLister(stepFunctions),
        ...createExecutionReader(stepFunctions),
        ...createDefinitionReader(stepFunctions),
      },
      segments: createFailedSegmentQueries(documents, variables.JOBS_TABLE),
      machines: { ingest: variables.INGEST_MACHINE_ARN, jobs: variables.JOB_MACHINE_ARN },
      onFault,
    }),
  { corsOrigin: process.env.CORS_ORIGIN },
);
