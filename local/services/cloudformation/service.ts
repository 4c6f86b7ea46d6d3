import { createHash } from 'node:crypto';
import { AwsError, arn, type Service } from '../../engine/calls.ts';
import { createQueryService } from '../../engine/protocol/query.ts';

interface LocalStack {
  name: string;
  description?: string;
  createdAt: Date;
  outputs: { key: string; value: string; description?: string; exportName?: string }[];
  resources: { logicalId: string; physicalId: string; type: string }[];
}

/** CloudFormation, to read: the stacks that the local cloud runs. */
export interface CloudFormation extends Service {
  setStacks(stacks: LocalStack[]): void;
}

export function createCloudFormation(): CloudFormation {
  let stacks: LocalStack[] = [];

  function find(reference: string | null): LocalStack {
    const found = stacks.find((stack) => stack.name === reference || stackId(stack) === reference);
    if (found !== undefined) return found;
    throw new AwsError('ValidationError', `Stack with id ${reference} does not exist`);
  }

  const service = createQueryService({
    name: 'cloudformation',
    namespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
    resourceOf: (parameters) => {
      const found = stacks.find((stack) => stack.name === parameters.get('StackName'));
      return found === undefined ? undefined : stackId(found);
    },
    operations: {
      DescribeStacks(parameters) {
        const name = parameters.get('StackName');
        return {
          Stacks: {
            member: (name === null ? stacks : [find(name)]).map((stack) => ({
              ...summary(stack),
              Description: stack.description,
              Outputs: {
                member: stack.outputs.map(({ key, value, description, exportName }) => ({
                  OutputKey: key,
                  OutputValue: value,
                  Description: description,
                  ExportName: exportName,
                })),
              },
            })),
          },
        };
      },
      ListStacks: () => ({ StackSummaries: { member: stacks.map(summary) } }),
      ListExports: () => ({
        Exports: {
          member: stacks.flatMap((stack) =>
            stack.outputs.flatMap(({ exportName, value }) =>
              exportName === undefined
                ? []
                : [{ ExportingStackId: stackId(stack), Name: exportName, Value: value }],
            ),
          ),
        },
      }),
      DescribeStackResources(parameters) {
        const stack = find(parameters.get('StackName'));
        const logicalId = parameters.get('LogicalResourceId');
        const found = stack.resources.filter((each) => logicalId === null || each.logicalId === logicalId);
        return {
          StackResources: {
            member: found.map((each) => ({ StackName: stack.name, ...resource(stack, each) })),
          },
        };
      },
    },
  });

  return {
    ...service,
    setStacks(next) {
      stacks = next;
    },
  };
}

function resource(
  { createdAt }: LocalStack,
  { logicalId, physicalId, type }: LocalStack['resources'][number],
) {
  return {
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    Timestamp: createdAt.toISOString(),
    LastUpdatedTimestamp: createdAt.toISOString(),
    ResourceStatus: 'CREATE_COMPLETE',
  };
}

function summary(stack: LocalStack) {
  return {
    StackId: stackId(stack),
    StackName: stack.name,
    CreationTime: stack.createdAt.toISOString(),
    StackStatus: 'CREATE_COMPLETE',
  };
}

function stackId({ name }: LocalStack): string {
  const digest = createHash('sha256').update(name).digest('hex');
  return arn(
    'cloudformation',
    `stack/${name}/${digest.slice(0, 8)}-${digest.slice(8, 12)}-${digest.slice(12, 24)}`,
  );
}
