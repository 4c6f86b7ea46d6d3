import { AwsError, type AwsResponse, arn, type Service, unknownOperation } from '../../engine/calls.ts';
import {
  bodyTemplate,
  createPolling,
  type PipeSettings,
  type Polling,
  type PollingOptions,
} from './polling.ts';

const route = /^\/v1\/pipes(?:\/([^/]+))?\/?$/;

/** EventBridge Pipes: what polls, and an API to read which pipes there are. */
export interface Pipes extends Service, Polling {}

export function createPipes(options: PollingOptions): Pipes {
  const polling = createPolling(options);
  const { list } = polling;
  const summary = (pipe: PipeSettings) => ({
    Name: pipe.name,
    Arn: arn('pipes', `pipe/${pipe.name}`),
    Source: pipe.queueArn,
    Target: pipe.target.arn,
    DesiredState: 'RUNNING',
    CurrentState: 'RUNNING',
  });
  return {
    ...polling,
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
        TargetParameters:
          pipe.target.kind === 'machine'
            ? { StepFunctionStateMachineParameters: { InvocationType: 'FIRE_AND_FORGET' } }
            : { InputTemplate: bodyTemplate },
      });
    },
  };
}

const json = (body: object): AwsResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
