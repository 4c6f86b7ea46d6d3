import { Logger } from '@aws-lambda-powertools/logger';
import { SFNClient } from '@aws-sdk/client-sfn';
import {
  createExecutionReader,
  createExecutionStarting,
} from '../../../adapters/step-functions/executions.ts';
import { requireVariables } from '../../environment.ts';
import { createApiFunction } from '../http/api-gateway.ts';
import { createOperate } from './operate.ts';

const variables = requireVariables(process.env, ['INGEST_MACHINE_ARN', 'JOB_MACHINE_ARN']);
const stepFunctions = new SFNClient({});

export const handler = createApiFunction(
  new Logger(),
  (onFault) =>
    createOperate({
      executions: { ...createExecutionReader(stepFunctions), ...createExecutionStarting(stepFunctions) },
      machines: { ingest: variables.INGEST_MACHINE_ARN, jobs: variables.JOB_MACHINE_ARN },
      onFault,
    }),
  { corsOrigin: process.env.CORS_ORIGIN },
);
