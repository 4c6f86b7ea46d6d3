import { AwsError, type AwsResponse, arn, type Service, unknownOperation } from '../../engine/calls.ts';
import type { PipeSettings } from './pipes.ts';

const route = /^\/v1\/pipes(?:\/([^/]+))?\/?$/;

/** The API of EventBridge Pipes, to read: the pipes that run. */
export function createPipesApi({ list }: { list(): readonly PipeSettings[] }): Service {
  const summary = (pipe: PipeSettings) => ({
    Name: pipe.name,
    Arn: arn('pipes', `pipe/${pipe.name}`),
    Source: pipe.queueArn,
    Target: pipe.stateMachineArn,
    DesiredState: 'RUNNING',
    CurrentState: 'RUNNING',
  });
  return {
    name: 'pipes',
    protocol: 'rest-json',
    actionOf({ path, method }) {
      const match = route.exec(path);
      if (match === null || method !== 'GET') return '';
      return match[1] === undefined ? 'ListPipes' : 'DescribePipe';
    },
    resourceOf({ path }) {
      const name = route.exec(path)?.[1];
      return name === undefined ? undefined : arn('pipes', `pipe/${decodeURIComponent(name)}`);
    },
    async handle({ action, method, path, query }) {
      if (action === 'ListPipes') {
        const [prefix, source] = [query.get('NamePrefix') ?? '', query.get('SourcePrefix') ?? ''];
        const found = list().filter(
          ({ name, queueArn }) => name.startsWith(prefix) && queueArn.startsWith(source),
        );
        return json({ Pipes: found.map(summary) });
      }
      if (action !== 'DescribePipe') throw unknownOperation('pipes', `${method} ${path}`);
      const name = decodeURIComponent(route.exec(path)?.[1] ?? '');
      const pipe = list().find((each) => each.name === name);
      if (pipe === undefined) {
        throw new AwsError('NotFoundException', `Pipe ${name} does not exist.`, { status: 404 });
      }
      return json({
        ...summary(pipe),
        RoleArn: pipe.roleArn,
        SourceParameters: {
          SqsQueueParameters: {
            BatchSize: pipe.batchSize,
            MaximumBatchingWindowInSeconds: pipe.windowSeconds,
          },
        },
        TargetParameters: { StepFunctionStateMachineParameters: { InvocationType: 'FIRE_AND_FORGET' } },
      });
    },
  };
}

const json = (body: object): AwsResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
