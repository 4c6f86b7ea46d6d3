import type { ShippedJsonFormat } from '../../core/formats/shipped-json.ts';
import { aemetDaily } from './aemet-daily.ts';
import { awsIotRule } from './aws-iot-rule.ts';
import { chirpstack } from './chirpstack.ts';
import { firehoseDemo } from './firehose-demo.ts';
import { lineProtocol } from './line-protocol.ts';
import { openMeteo } from './open-meteo.ts';
import { senml } from './senml.ts';
import { sensorthings } from './sensorthings.ts';
import { sqsMessages } from './sqs-messages.ts';
import { telegraf } from './telegraf.ts';
import { telegrafBatch } from './telegraf-batch.ts';
import { theThingsStack } from './the-things-stack.ts';

/** All of JSON that ship, in the order in which a file is compared with them. */
export const shippedJsonFormats: readonly ShippedJsonFormat[] = [
  ...[
    theThingsStack,
    chirpstack,
    aemetDaily,
    telegrafBatch,
    telegraf,
    sensorthings,
    openMeteo,
    awsIotRule,
    firehoseDemo,
    senml,
    lineProtocol,
    sqsMessages,
  ],
];
