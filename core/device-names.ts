import { ofStage } from './stage.ts';

/** The first level of the topics of an installation's devices: they publish to `<root>/<dataset>/<thing>`. */
export const deviceTopicRoot = (stage: string | undefined): string => ofStage('caudal', stage);

/** The policy of IoT Core that the certificate of a device is attached to: by it an installation knows its devices. */
export const devicePolicyName = (stage: string | undefined): string => ofStage('caudal-device', stage);

/** The template by which certificates of the owner's own authority become devices. */
export const deviceTemplateName = (stage: string | undefined): string => ofStage('caudal-device', stage);

/** Bytes of one message of a device at most: IoT Core's limit. */
export const maxDeviceMessageBytes = 131_072;
