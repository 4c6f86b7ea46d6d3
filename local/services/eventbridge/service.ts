import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { AwsError, accountId, arn, region, type Service } from '../../engine/calls.ts';
import { Outbox } from '../../engine/outbox.ts';
import { createJsonService, type JsonInput } from '../../engine/protocol/json.ts';
import { inputOf, type TargetInput } from './input.ts';
import { compilePattern, type Matcher } from './pattern.ts';
import { readSchedule } from './schedule.ts';

/** An event as EventBridge delivers it. */
export interface BusEvent {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  /** ISO 8601, UTC, whole seconds. */
  time: string;
  region: string;
  resources: string[];
  detail: Record<string, unknown>;
}

export interface EventBridgeOptions {
  directory: string;
  /** Gives the event of a rule to a queue, topic, function or state machine. Rejecting means: again later. */
  deliver: (targetArn: string, event: unknown, rule: { arn: string; roleArn?: string }) => Promise<void>;
  /** Told of what a rule gave up: an event, or that it could not even put it into its dead-letter queue. */
  onGivenUp?(ruleName: string, what: 'event' | 'dead letter'): void;
  /** Told of a delivery that was given up. */
  onFault?: (fault: unknown) => void;
}

interface Target extends TargetInput {
  id: string;
  arn: string;
  /** Queue for what could not be delivered. */
  deadLetterArn?: string;
  /** The role that starts a state machine. */
  roleArn?: string;
}

interface RuleSettings {
  name: string;
  /** Default `default`. */
  busName?: string;
  /** Which events are delivered. */
  pattern?: object;
  /** `rate(5 minutes)`, `cron(0 6 4 * ? *)`: an event of its own is delivered each time. */
  schedule?: string;
  state?: 'ENABLED' | 'DISABLED';
  description?: string;
  targets: Target[];
}

/** EventBridge: buses, rules and targets. */
export interface EventBridge extends Service {
  createBus(bus: { name: string }): { arn: string };
  /** Replaces the rule of that name. Throws UnknownPatternOperator, naming the operator, and for a schedule that is none here. */
  putRule(rule: RuleSettings): { arn: string };
  /** Resolves when the deliveries that the event causes are on disk. */
  publish(event: BusEvent, busName?: string): Promise<void>;
  /** Delivers the event of a rule's schedule, as when it is due: nobody waits for the next month to see what it does. @throws for a rule that is not there */
  fire(ruleName: string, dueMs: number): void;
  /** Begins to deliver, first what an earlier process left. */
  start(): void;
  /** Resolves when everything is delivered. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

interface Delivery {
  ruleArn: string;
  target: Target;
  event: BusEvent;
}

/** As EventBridge's default retry policy. */
const maxAttempts = 185;
const maxEntries = 10;
const maxRequestBytes = 1024 * 1024;
/** A timer takes no more than 2^31 ms, and knows nothing of a machine that slept. */
const longestWaitMs = 3_600_000;

export function createEventBridge({
  directory,
  deliver,
  onFault = () => {},
  onGivenUp,
}: EventBridgeOptions): EventBridge {
  const buses = new Map<string, Map<string, { rule: RuleSettings; matches: Matcher }>>([
    ['default', new Map()],
  ]);
  const timers = new Map<RuleSettings, NodeJS.Timeout>();
  const outbox = new Outbox<Delivery>({
    path: join(directory, 'deliveries.jsonl'),
    maxAttempts,
    send: ({ ruleArn, target, event }) =>
      deliver(target.arn, inputOf(target, event), {
        arn: ruleArn,
        ...(target.roleArn === undefined ? {} : { roleArn: target.roleArn }),
      }),
    onGiveUp: ({ ruleArn, target, event }, error) => {
      onFault(error);
      const ruleName = ruleArn.split('/').at(-1) ?? '';
      onGivenUp?.(ruleName, 'event');
      if (target.deadLetterArn === undefined) return;
      deliver(target.deadLetterArn, event, { arn: ruleArn }).catch((fault: unknown) => {
        onFault(fault);
        onGivenUp?.(ruleName, 'dead letter');
      });
    },
  });

  function find(name: unknown) {
    const bus =
      String(name ?? 'default')
        .split('/')
        .at(-1) ?? '';
    const rules = buses.get(bus);
    if (rules === undefined) throw notFound(`Event bus ${bus} does not exist.`);
    return { bus, rules };
  }

  function accept(event: BusEvent, busName: unknown): void {
    const { rules } = find(busName);
    const deliveries = [...rules.values()]
      .filter(({ rule, matches }) => rule.state !== 'DISABLED' && matches(event))
      .flatMap(({ rule }) =>
        rule.targets.map((target) => ({
          ruleArn: ruleArn(rule.busName ?? 'default', rule.name),
          target,
          event,
        })),
      );
    outbox.add(deliveries);
  }

  function deliverDue(rule: RuleSettings, dueMs: number): void {
    const arn = ruleArn(rule.busName ?? 'default', rule.name);
    const event = scheduledEvent(arn, dueMs);
    outbox.add(rule.targets.map((target) => ({ ruleArn: arn, target, event })));
  }

  /** What fell into the time before the start is not made up for: the first event of a rate comes a whole time after it. */
  function begin(rule: RuleSettings): void {
    if (rule.schedule === undefined) return;
    const nextAfter = readSchedule(rule.schedule);
    const wait = (dueMs: number): void => {
      const timer = setTimeout(
        () => {
          if (Date.now() < dueMs) return wait(dueMs);
          wait(nextAfter(Math.max(dueMs, Date.now()))); // a machine that slept has one event of what it slept through
          if (rule.state !== 'DISABLED') deliverDue(rule, dueMs); // since then
        },
        Math.min(longestWaitMs, dueMs - Date.now()),
      );
      timers.set(rule, timer.unref());
    };
    wait(nextAfter(Date.now()));
  }

  function describe({
    name,
    busName = 'default',
    pattern,
    schedule,
    state = 'ENABLED',
    description,
  }: RuleSettings): object {
    return {
      Name: name,
      Arn: ruleArn(busName, name),
      ...(pattern === undefined ? {} : { EventPattern: JSON.stringify(pattern) }),
      ...(schedule === undefined ? {} : { ScheduleExpression: schedule }),
      State: state,
      EventBusName: busName,
      ...(description === undefined ? {} : { Description: description }),
    };
  }

  function ruleOf(input: JsonInput, field: string): RuleSettings {
    const found = find(input.EventBusName).rules.get(String(input[field]));
    if (found === undefined) throw notFound(`Rule ${input[field]} does not exist.`);
    return found.rule;
  }

  const service = createJsonService({
    name: 'events',
    version: '1.1',
    targetPrefix: 'AWSEvents',
    maxBodyBytes: 2 * maxRequestBytes,
    resourceOf: ({ EventBusName, Entries }, action) => {
      const name = EventBusName ?? (Entries as JsonInput[] | undefined)?.[0]?.EventBusName ?? 'default';
      return action.includes('Bus') || action === 'PutEvents'
        ? arn('events', `event-bus/${String(name).split('/').at(-1)}`)
        : undefined;
    },
    operations: {
      PutEvents(input) {
        const entries = (input.Entries ?? []) as JsonInput[];
        if (entries.length < 1 || entries.length > maxEntries) {
          throw new AwsError(
            'ValidationException',
            `1 validation error detected: Entries takes 1 to ${maxEntries}.`,
          );
        }
        const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
        if (bytes > maxRequestBytes) {
          throw new AwsError(
            'ValidationException',
            `Total size of the entries in the request is over the limit: ${bytes}`,
          );
        }
        const answers = entries.map((entry) => {
          const problem = problemOf(entry);
          if (problem !== undefined) return problem;
          const event = eventOf(entry);
          accept(event, entry.EventBusName);
          return { EventId: event.id };
        });
        return {
          FailedEntryCount: answers.filter((answer) => 'ErrorCode' in answer).length,
          Entries: answers,
        };
      },
      ListRules(input) {
        const prefix = String(input.NamePrefix ?? '');
        const rules = [...find(input.EventBusName).rules.values()].map(({ rule }) => rule);
        return { Rules: rules.filter(({ name }) => name.startsWith(prefix)).map(describe) };
      },
      ListRuleNamesByTarget(input) {
        const rules = [...find(input.EventBusName).rules.values()].map(({ rule }) => rule);
        const leadsTo = rules.filter(({ targets }) => targets.some(({ arn }) => arn === input.TargetArn));
        return { RuleNames: leadsTo.map(({ name }) => name) };
      },
      /** What the template says holds again when the cloud starts the next time. */
      EnableRule(input) {
        ruleOf(input, 'Name').state = 'ENABLED';
        return {};
      },
      DisableRule(input) {
        ruleOf(input, 'Name').state = 'DISABLED';
        return {};
      },
      DescribeRule: (input) => describe(ruleOf(input, 'Name')),
      ListTargetsByRule: (input) => ({
        Targets: ruleOf(input, 'Rule').targets.map((target) => ({
          Id: target.id,
          Arn: target.arn,
          ...(target.input === undefined ? {} : { Input: target.input }),
          ...(target.inputPath === undefined ? {} : { InputPath: target.inputPath }),
        })),
      }),
    },
  });

  return {
    ...service,
    createBus({ name }) {
      if (!buses.has(name)) buses.set(name, new Map());
      return { arn: arn('events', `event-bus/${name}`) };
    },
    putRule(rule) {
      if (rule.schedule !== undefined) readSchedule(rule.schedule);
      const matches = rule.pattern === undefined ? () => false : compilePattern(rule.pattern);
      find(rule.busName).rules.set(rule.name, { rule, matches });
      return { arn: ruleArn(rule.busName ?? 'default', rule.name) };
    },
    async publish(event, busName) {
      accept(event, busName);
    },
    fire: (ruleName, dueMs) => deliverDue(ruleOf({ Name: ruleName }, 'Name'), dueMs),
    start() {
      outbox.start();
      for (const rules of buses.values()) for (const { rule } of rules.values()) begin(rule);
    },
    idle: () => outbox.idle(),
    close() {
      for (const timer of timers.values()) clearTimeout(timer);
      return outbox.close();
    },
  };
}

function scheduledEvent(ruleArn: string, dueMs: number): BusEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: accountId,
    time: `${new Date(dueMs).toISOString().slice(0, 19)}Z`,
    region,
    resources: [ruleArn],
    detail: {},
  };
}

function ruleArn(bus: string, rule: string): string {
  return arn('events', bus === 'default' ? `rule/${rule}` : `rule/${bus}/${rule}`);
}

function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message);
}

/** As EventBridge counts: time 14 bytes, then what there is of the others in UTF-8. */
function entryBytes({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: JsonInput): number {
  const texts = [Source, DetailType, Detail, ...(Resources as string[])];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(String(text)), Time === undefined ? 0 : 14);
}

function problemOf({ Source, DetailType, Detail }: JsonInput): object | undefined {
  const missing = Object.entries({ Source, DetailType, Detail }).find(([, value]) => !value)?.[0];
  if (missing !== undefined)
    return { ErrorCode: 'InvalidArgument', ErrorMessage: `Parameter ${missing} is not valid.` };
  try {
    const detail: unknown = JSON.parse(Detail);
    if (typeof detail === 'object' && detail !== null && !Array.isArray(detail)) return undefined;
  } catch {
    // The same answer as for JSON that is not an object.
  }
  return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
}

function eventOf(entry: JsonInput): BusEvent {
  const at = entry.Time === undefined ? new Date() : new Date(Number(entry.Time) * 1000);
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': String(entry.DetailType),
    source: String(entry.Source),
    account: accountId,
    time: `${at.toISOString().slice(0, 19)}Z`,
    region,
    resources: (entry.Resources ?? []) as string[],
    detail: JSON.parse(entry.Detail),
  };
}
