import sharp from 'sharp';
import { type Failure, failed } from '../../../core/toons/record.ts';

/** 50 megapixels hold every camera of a phone; 100 are refused. Memory at the worst: see docs/adr/toon-images.md. */
const maxPixels = 50_000_000;

/** Longest edge, in pixels: a panorama has less. Few pixels that are all in one line are work for each of its ends all the same. */
const maxEdgePixels = 30_000;

/** Edge of the square that a thumbnail fits into, in pixels. */
const thumbnailPixels = 128;

/** Time for decoding, in s: half of the function's timeout. */
const decodeSeconds = 15;

/** Formats of which sharp has a decoder here. SVG is a program more than an image, and stays out. */
const formats = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif']);

/** An image: what the record says of it, and the thumbnail that still has to be stored. WebP, at most 128 by 128. */
interface Thumbnail {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export type ImageOutcome =
  | {
      readonly kind: 'image';
      readonly format: string;
      readonly width: number;
      readonly height: number;
      readonly thumbnail: Thumbnail;
    }
  | Failure;

/**
 * Reads the header, refuses what is too large, then decodes the whole image into a thumbnail: only an image that
 * decodes to its end is one. Of an animation the first frame counts.
 */
export async function processImage(bytes: Uint8Array): Promise<ImageOutcome> {
  try {
    // The header alone, so that the refusal names the size; the decoder below has the limit of its own.
    const header = await sharp(bytes, { limitInputPixels: false }).metadata();
    const { width, height } = header;
    // libvips names the container; what it holds here is always AV1, HEVC is not built in.
    const format = header.format === 'heif' && header.compression === 'av1' ? 'avif' : header.format;
    if (!formats.has(format))
      return failed('unsupported-format', `${format} is none of ${[...formats].join(', ')}`);
    if (Math.max(width, height) > maxEdgePixels) {
      return failed(
        'too-many-pixels',
        `${width} by ${height} pixels; at most ${maxEdgePixels} an edge are decoded`,
      );
    }
    if (width * height > maxPixels) {
      return failed(
        'too-many-pixels',
        `${width} by ${height} pixels; at most ${maxPixels / 1e6} megapixels are decoded`,
      );
    }
    const { data, info } = await sharp(bytes, {
      limitInputPixels: maxPixels,
      failOn: 'truncated',
      sequentialRead: true,
    })
      .timeout({ seconds: decodeSeconds })
      .autoOrient()
      .resize(thumbnailPixels, thumbnailPixels, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 80 })
      .toBuffer({ resolveWithObject: true });
    return {
      kind: 'image',
      format,
      width: header.autoOrient.width,
      height: header.autoOrient.height,
      thumbnail: { bytes: data, width: info.width, height: info.height },
    };
  } catch (error) {
    return classify(error instanceof Error ? error.message : String(error));
  }
}

/** libvips has messages, not codes. What is not known is `corrupt`: a decoder gave up on the bytes. */
function classify(message: string): ImageOutcome {
  const first = message.split('\n')[0] ?? '';
  if (/exceeds pixel limit/i.test(message)) return failed('too-many-pixels', first);
  if (/timeout/i.test(message)) return failed('too-slow', `not decoded within ${decodeSeconds} s`);
  if (/unsupported image format/i.test(message)) return failed('corrupt', first);
  if (
    /premature|truncat|end of (file|stream|input)|unexpected end|libspng read error|not enough data/i.test(
      message,
    )
  ) {
    return failed('truncated', first);
  }
  return failed('corrupt', first);
}
