import type { LocalCloud } from '../local/engine/cloud.ts';
import type { DemoTarget } from './demo.ts';

/** What the demonstration needs, out of the outputs of the stacks: as a person would read them after `cdk deploy`. */
export function demoTarget(root: string, cloud: LocalCloud): DemoTarget {
  const output = (stack: string, name: string): string => {
    const value = cloud.outputs[stack]?.[name];
    if (value === undefined) throw new Error(`The stack ${stack} has no output ${name}.`);
    return value;
  };
  const clientId = output('CaudalApi', 'ClientId');
  const clientSecret = cloud.services.cognito.findClient(clientId)?.secret;
  if (clientSecret === undefined) throw new Error(`The app client ${clientId} has no secret.`);
  return {
    root,
    endpointUrl: cloud.endpointUrl,
    rawBucket: output('CaudalData', 'RawBucket'),
    curatedBucket: output('CaudalData', 'CuratedBucket'),
    statisticsTable: output('CaudalData', 'StatisticsTable'),
    jobsTable: output('CaudalData', 'JobsTable'),
    machineArn: output('CaudalIngest', 'IngestMachine'),
    apiUrl: cloud.apiUrl,
    tokenUrl: cloud.tokenUrl,
    clientId,
    clientSecret,
    scope: output('CaudalApi', 'ScopeRead'),
  };
}
