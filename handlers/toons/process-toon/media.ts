import { type IFormat, parseBuffer } from 'music-metadata';
import { failed, type MediaResult, type Outcome } from '../../../core/toons/record.ts';
import { lengthLie } from './container-length.ts';

/**
 * Below this rate a duration is a lie: FLAC, the densest of the formats for silence, needs 75 bit/s at its longest
 * frame (65,535 samples at 44.1 kHz in 14 bytes).
 */
const leastBitsPerSecond = 50;

/** Audio and video: container, codec and what else the header tells. No sample is decoded. */
export async function processMedia(
  claimed: 'audio' | 'video',
  mime: string,
  bytes: Uint8Array,
): Promise<Outcome> {
  const lie = lengthLie(bytes);
  if (lie !== undefined) return failed('lying-length', lie);
  let format: IFormat;
  try {
    // Without `duration`, music-metadata takes the header's word and does not walk through every frame.
    const parsed = await parseBuffer(
      bytes,
      { mimeType: mime, size: bytes.length },
      { duration: false, skipCovers: true },
    );
    format = parsed.format;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (/unsupported|no parser|guess/i.test(message))
      return failed('unsupported-format', `${mime}: ${message}`);
    return failed(
      /end.of.(stream|file)|truncat/i.test(message) ? 'truncated' : 'corrupt',
      `${mime}: ${message}`,
    );
  }
  if (format.container === undefined) return failed('corrupt', `${mime}: no container in the header`);
  const video = format.hasVideo ?? format.trackInfo?.some((track) => track.video !== undefined) ?? false;
  if (video !== (claimed === 'video')) {
    return failed(
      'type-mismatch',
      `the toon is claimed to be ${claimed}, ${format.container} has ${video ? 'a' : 'no'} video track`,
    );
  }
  const { duration } = format;
  if (duration !== undefined && duration * leastBitsPerSecond > bytes.length * 8) {
    return failed(
      'lying-length',
      `${bytes.length} bytes can't be ${Math.round(duration)} s of ${format.container}`,
    );
  }
  return { kind: 'completed', result: describe(format, format.container) };
}

function describe(format: IFormat, container: string): MediaResult {
  const picture = format.trackInfo?.find((track) => track.video !== undefined)?.video;
  return {
    container,
    ...(format.codec === undefined ? {} : { codec: format.codec }),
    ...(format.duration === undefined ? {} : { durationSeconds: Math.round(format.duration * 1000) / 1000 }),
    ...(format.sampleRate === undefined ? {} : { sampleRateHz: format.sampleRate }),
    ...(format.numberOfChannels === undefined ? {} : { channels: format.numberOfChannels }),
    ...(picture?.pixelWidth === undefined ? {} : { width: picture.pixelWidth }),
    ...(picture?.pixelHeight === undefined ? {} : { height: picture.pixelHeight }),
  };
}
