import sharp from 'sharp';
import { encodePng, type Pixels } from './png.ts';
import type { ToonRandom } from './random.ts';

/** What a camera at a river would say of its picture. */
export interface Caption {
  readonly description: string;
  /** As EXIF writes it: `2026:03:01 12:00:00`. */
  readonly takenAt: string;
}

/**
 * A picture of water under a sky with some floats on it: smooth areas and edges, as photographs have. PNG is encoded
 * here; JPEG and WebP by sharp, whose version is pinned, so the bytes are the same on one kind of machine.
 */
export async function drawPicture(
  random: ToonRandom,
  format: 'png' | 'jpeg' | 'webp',
  caption: Caption,
): Promise<Uint8Array> {
  const pixels = paint(random);
  if (format === 'png') {
    return encodePng(pixels, {
      Title: caption.description,
      'Creation Time': caption.takenAt,
      Software: 'caudal',
    });
  }
  const image = sharp(pixels.rgb, {
    raw: { width: pixels.width, height: pixels.height, channels: 3 },
  }).withExif({
    IFD0: { ImageDescription: caption.description, DateTime: caption.takenAt, Software: 'caudal' },
  });
  return format === 'jpeg' ? image.jpeg({ quality: 78 }).toBuffer() : image.webp({ quality: 75 }).toBuffer();
}

function paint(random: ToonRandom): Pixels {
  const width = random.integer(10, 40) * 8;
  const height = random.integer(8, 30) * 8;
  const horizon = Math.floor(height * (0.3 + random.uniform() * 0.3));
  const hue = random.integer(0, 60);
  const wave = 3 + random.uniform() * 9;
  const floats = Array.from({ length: random.integer(2, 6) }, () => ({
    x: random.integer(0, width),
    y: random.integer(horizon, height),
    radius: random.integer(3, 12),
  }));
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const ripple = y > horizon ? Math.sin((x + y * 1.7) / wave) * 14 : 0;
      const depth = y > horizon ? (y - horizon) / (height - horizon) : 1 - y / Math.max(1, horizon);
      const afloat = floats.some((float) => (x - float.x) ** 2 + (y - float.y) ** 2 < float.radius ** 2);
      const color = afloat
        ? [220, 90 + hue, 30]
        : y > horizon
          ? [30 + hue / 2 + ripple, 90 + ripple, 150 - depth * 60]
          : [150 + hue - depth * 40, 180 - depth * 30, 225];
      rgb.set(
        color.map((channel) => Math.max(0, Math.min(255, Math.round(channel)))),
        (y * width + x) * 3,
      );
    }
  }
  return { width, height, rgb };
}
