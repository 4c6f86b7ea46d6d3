import { type Dataset, filledFault } from '../../dataset/dataset.ts';
import type { Line } from '../../dataset/reading.ts';
import { rejected, show, unknownDataset } from '../rejection.ts';
import { parseRecord, type RecordContext } from './ndjson.ts';

/**
 * A message of a device, as the rule of IoT Core hands it on (`infra/constructs/sources/device-rule.ts`): what the device sent, and around it what
 * the rule knows of the topic, where no device can write anything.
 */
export interface DeviceMessage {
  /** Whose readings they are, by the topic. */
  readonly topicDataset: string;
  /** The device's name in the registry: the policy of its certificate lets it use no other topic. */
  readonly thing: string;
  /** A reading of the own shape, or a list of them. */
  readonly message: unknown;
}

/** Whether a value of a line is what the rule writes, and nothing else. */
export function isDeviceMessage(value: object): value is DeviceMessage {
  const { topicDataset, thing } = value as Partial<DeviceMessage>;
  return typeof topicDataset === 'string' && typeof thing === 'string' && Object.hasOwn(value, 'message');
}

/** The readings of a message, of the own shape, each of the topic's dataset. @returns none for an empty list */
export function readDeviceMessage(
  { topicDataset, thing, message }: DeviceMessage,
  context: RecordContext,
  datasets: readonly Dataset[],
): readonly Line[] {
  const dataset = datasets.find(({ name }) => name === topicDataset);
  if (dataset === undefined) return [unknownDataset(topicDataset, datasets)];
  const filled = filledFault(dataset);
  if (filled !== undefined) return [rejected('wrong-thing', `sent by the device ${show(thing)}: ${filled}`)];
  if (context.dataset !== undefined && context.dataset !== dataset) {
    const detail = `the topic's dataset is ${show(topicDataset)}; accepted here: ${context.dataset.name}`;
    return [rejected('dataset-mismatch', detail)];
  }
  if (typeof message !== 'object' || message === null) {
    const detail = `the message is ${show(message)}; accepted: a JSON object, or a list of them`;
    return [rejected('not-an-object', detail)];
  }
  const own = { ...context, dataset };
  return [message].flat().map((record) => parseRecord(record, own, datasets));
}

/**
 * The outcome of a reading that a device sent, where its dataset says which sensors a device may speak for.
 * @param thing the device's name
 */
export function ofItsThing(line: Line, thing: string): Line {
  if (line.kind === 'rejected' || line.dataset.sensorsOfThing === undefined) return line;
  const { sensorId } = line.reading;
  const isOwn = line.dataset.sensorsOfThing.some((pattern) => {
    const [before = '', after = ''] = pattern.split('{thing}');
    // An asterisk is only the last character of a pattern.
    const [rest, isOpen] = after.endsWith('*') ? [after.slice(0, -1), true] : [after, false];
    const own = before + thing + rest;
    return isOpen ? sensorId.startsWith(own) : sensorId === own;
  });
  if (isOwn) return line;
  const accepted = line.dataset.sensorsOfThing.map((pattern) => pattern.split('{thing}').join(thing));
  const detail = `sensorId is ${show(sensorId)}, sent by the device ${show(thing)}; accepted of it: ${accepted.join(', ')}`;
  return rejected('wrong-thing', detail);
}
