// A baseline JPEG (ITU-T T.81) of 256 × 256 pixels whose 8 × 8 blocks are each of one colour: only DC coefficients, no AC table but "end of block".

const blocks = 32;
const categories = 12;

class Bits {
  bytes = [];
  #rest = 0;
  #count = 0;

  put(value, length) {
    for (let bit = length - 1; bit >= 0; bit--) {
      this.#rest = (this.#rest << 1) | ((value >> bit) & 1);
      if (++this.#count === 8) this.#flush();
    }
  }

  end() {
    while (this.#count) this.put(1, 1);
  }

  #flush() {
    this.bytes.push(this.#rest);
    if (this.#rest === 0xff) this.bytes.push(0);
    this.#rest = this.#count = 0;
  }
}

const segment = (marker, data) => [0xff, marker, (data.length + 2) >> 8, (data.length + 2) & 255, ...data];

/** @param colour (column, row) of a block → [red, green, blue], 0 to 255 */
export function blockJpeg(colour) {
  const bits = new Bits();
  const last = [0, 0, 0];
  for (let row = 0; row < blocks; row++) {
    for (let col = 0; col < blocks; col++) {
      const [r, g, b] = colour(col, row);
      const ycc = [0.299 * r + 0.587 * g + 0.114 * b - 128, -0.1687 * r - 0.3313 * g + 0.5 * b, 0.5 * r - 0.4187 * g - 0.0813 * b];
      ycc.forEach((value, component) => {
        const level = Math.max(-1024, Math.min(1016, Math.round(value * 8)));
        const difference = level - last[component];
        last[component] = level;
        const size = difference === 0 ? 0 : 32 - Math.clz32(Math.abs(difference));
        bits.put(size, 4); // all DC codes have four bits
        if (size) bits.put(difference > 0 ? difference : difference + (1 << size) - 1, size);
        bits.put(0, 1); // end of block
      });
    }
  }
  bits.end();
  const counts = length => Array.from({ length: 16 }, (_, i) => (i + 1 === length[0] ? length[1] : 0));
  return Buffer.from([
    0xff, 0xd8,
    ...segment(0xdb, [0, ...Array(64).fill(1)]),
    ...segment(0xc0, [8, 1, 0, 1, 0, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]),
    ...segment(0xc4, [0x00, ...counts([4, categories]), ...Array.from({ length: categories }, (_, i) => i)]),
    ...segment(0xc4, [0x10, ...counts([1, 1]), 0]),
    ...segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]),
    ...bits.bytes,
    0xff, 0xd9,
  ]);
}
