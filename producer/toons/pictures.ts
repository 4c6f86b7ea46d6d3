import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import type { Random } from '../synthetic/random.ts';

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
  random: Random,
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

function paint(random: Random): Pixels {
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

/** Pixels of 8-bit RGB, row by row from the top left. */
interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** Encodes a PNG (RFC 2083) with text chunks: Latin-1 keywords of 1 to 79 characters. Same input, same bytes. */
function encodePng({ width, height, rgb }: Pixels, texts: Readonly<Record<string, string>>): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB, deflate, adaptive filtering, not interlaced
  const rows = Buffer.alloc(height * (width * 3 + 1)); // each row begins with its filter: 0, none
  for (let row = 0; row < height; row++) {
    rows.set(rgb.subarray(row * width * 3, (row + 1) * width * 3), row * (width * 3 + 1) + 1);
  }
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', header),
    ...Object.entries(texts).map(([keyword, text]) =>
      pngChunk('tEXt', Buffer.from(`${keyword}\0${text}`, 'latin1')),
    ),
    pngChunk('IDAT', deflateSync(rows, { level: 9 })),
    pngChunk('IEND', new Uint8Array()),
  ]);
}

/** One chunk: length, type, data, CRC-32 of type and data. */
export function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const chunk = Buffer.alloc(data.length + 12);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  chunk.set(data, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, data.length + 8)), data.length + 8);
  return chunk;
}
