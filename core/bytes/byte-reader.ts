/** Reads what a `ByteWriter` writes. Reading past the end is a RangeError. */
export class ByteReader {
  readonly view: DataView;
  readonly bytes: Uint8Array;
  at: number;

  constructor(view: DataView, at: number) {
    this.view = view;
    this.bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    this.at = at;
  }

  byte(): number {
    return this.view.getUint8(this.at++);
  }

  uint32(): number {
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }

  varint(): number {
    const { bytes } = this;
    let byte = bytes[this.at++];
    if (byte === undefined) throw tooShort();
    if (byte < 128) return byte;
    let value = byte & 127;
    for (let weight = 128; ; weight *= 128) {
      byte = bytes[this.at++];
      if (byte === undefined) throw tooShort();
      value += (byte & 127) * weight;
      if (byte < 128) return value;
    }
  }

  /** Passes over so many varints. */
  skipVarints(count: number): void {
    const { bytes } = this;
    let { at } = this;
    for (let left = count; left > 0; at++) {
      const byte = bytes[at];
      if (byte === undefined) throw tooShort();
      if (byte < 128) left--;
    }
    this.at = at;
  }

  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

const tooShort = () => new RangeError('the bytes end too early');
