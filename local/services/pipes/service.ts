import { AwsError, type AwsResponse, arn, type Service, unknownOperation } from '../../engine/calls.ts';
import {
  bodyTemplate,
  createPolling,
  type PipeSettings,
  type Polling,
  type PollingOptions,
} from './polling.ts';

const route = /^\/v1\/pipes(?:\/([^/]+?)(?:\/(start|stop))?)?\/?$/;

/** A pipe whose source is elsewhere, such as brokers of Kafka: it is there, and reads nothing. */
interface IdlePipe {
  readonly name: string;
  /** ARN, or `smk://host:port`. */
  readonly source: string;
  readonly targetArn: string;
  readonly roleArn: string;
}

/** EventBridge Pipes: what polls, and an API to read which pipes there are, to stop one and to start it again. */
export interface Pipes extends Service, Polling {
  createIdlePipe(pipe: IdlePipe): { arn: string };
}

const idleReason = 'The local cloud has no brokers: nothing is read.';

export function createPipes(options: PollingOptions): Pipes {
  const polling = createPolling(options);
  const { list } = polling;
  const idle: IdlePipe[] = [];
  const stateOf = ({ name }: PipeSettings) => (polling.isRunning(name) ? 'RUNNING' : 'STOPPED');
  const summary = (pipe: PipeSettings) => ({
    Name: pipe.name,
    Arn: arn('pipes', `pipe/${pipe.name}`),
    Source: pipe.queueArn,
    Target: pipe.target.arn,
    DesiredState: stateOf(pipe),
    CurrentState: stateOf(pipe),
  });
  const idleSummary = ({ name, source, targetArn }: IdlePipe) => ({
    Name: name,
    Arn: arn('pipes', `pipe/${name}`),
    Source: source,
    Target: targetArn,
    DesiredState: 'RUNNING',
    CurrentState: 'STOPPED',
    StateReason: idleReason,
  });

  /** Answers as it is while the change goes on; it is over when the next call comes. */
  function changed(name: string, isRunning: boolean): AwsResponse {
    const pipe = list().find((each) => each.name === name);
    if (pipe === undefined) {
      if (idle.some((each) => each.name === name))
        throw new AwsError('ConflictException', idleReason, { status: 409 });
      throw unknownPipe(name);
    }
    polling.setRunning(name, isRunning);
    return json({ ...summary(pipe), CurrentState: isRunning ? 'STARTING' : 'STOPPING' });
  }

  return {
    ...polling,
    createIdlePipe(pipe) {
      idle.push(pipe);
      return { arn: arn('pipes', `pipe/${pipe.name}`) };
    },
    name: 'pipes',
    protocol: 'rest-json',
    actionOf({ path, method }) {
      const match = route.exec(path);
      if (match === null) return '';
      const [, name, change] = match;
      if (change !== undefined) return method === 'POST' ? operations[change as keyof typeof operations] : '';
      if (method !== 'GET') return '';
      return name === undefined ? 'ListPipes' : 'DescribePipe';
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
        const others = idle.filter((pipe) => pipe.name.startsWith(prefix) && pipe.source.startsWith(source));
        return json({ Pipes: [...found.map(summary), ...others.map(idleSummary)] });
      }
      const name = decodeURIComponent(route.exec(path)?.[1] ?? '');
      if (action === 'StartPipe' || action === 'StopPipe') return changed(name, action === 'StartPipe');
      if (action !== 'DescribePipe') throw unknownOperation('pipes', `${method} ${path}`);
      const other = idle.find((each) => each.name === name);
      if (other !== undefined) return json({ ...idleSummary(other), RoleArn: other.roleArn });
      const pipe = list().find((each) => each.name === name);
      if (pipe === undefined) throw unknownPipe(name);
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

const operations = { start: 'StartPipe', stop: 'StopPipe' } as const;

const unknownPipe = (name: string): AwsError =>
  new AwsError('NotFoundException', `Pipe ${name} does not exist.`, { status: 404 });

const json = (body: object): AwsResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
