// Classes of points: ASPRS's (LAS 1.4 R15, table 17) and those that IGN's LiDAR HD adds.

export interface PointClass {
  name: string;
  /** Red, green, blue, 0 to 255. */
  color: [number, number, number];
}

const known: Record<number, PointClass> = {
  0: { name: 'Never classified', color: [140, 140, 140] },
  1: { name: 'Unclassified', color: [170, 170, 170] },
  2: { name: 'Ground', color: [166, 116, 67] },
  3: { name: 'Low vegetation', color: [166, 214, 98] },
  4: { name: 'Medium vegetation', color: [88, 174, 74] },
  5: { name: 'High vegetation', color: [23, 122, 54] },
  6: { name: 'Building', color: [222, 74, 58] },
  7: { name: 'Low noise', color: [255, 0, 255] },
  8: { name: 'Key point', color: [255, 240, 150] },
  9: { name: 'Water', color: [42, 128, 214] },
  10: { name: 'Rail', color: [112, 92, 132] },
  11: { name: 'Road surface', color: [98, 98, 108] },
  12: { name: 'Overlap', color: [220, 220, 160] },
  13: { name: 'Wire guard', color: [232, 180, 30] },
  14: { name: 'Wire conductor', color: [250, 200, 20] },
  15: { name: 'Transmission tower', color: [200, 150, 20] },
  16: { name: 'Wire connector', color: [240, 220, 90] },
  17: { name: 'Bridge deck', color: [240, 150, 70] },
  18: { name: 'High noise', color: [255, 80, 200] },
  64: { name: 'Permanent above ground', color: [250, 214, 80] },
  65: { name: 'Artefact', color: [160, 60, 160] },
  66: { name: 'Virtual point', color: [90, 200, 220] },
  67: { name: 'Other built', color: [190, 110, 90] },
};

/** A class of the standard, or a colour of its own for one of the producer's. */
export function classOf(code: number): PointClass {
  const hue = (code * 137.508) % 360;
  const channel = (shift: number): number => Math.round(150 + 90 * Math.cos(((hue + shift) * Math.PI) / 180));
  return known[code] ?? { name: `Class ${code}`, color: [channel(0), channel(-120), channel(120)] };
}
