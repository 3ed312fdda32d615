// A build that advances with time: slabs of a few levels become finished in a fixed order.

const levels = [
  ['17', 16, 12], ['16', 8, 6], ['15', 4, 3], ['14', 2, 2], ['13', 1, 1],
].map(([level, cols, rows], i) => ({ level, cols, rows, minCol: 1040 >> i, minRow: 704 >> i }));

// A footprint with cut corners: its outer slabs are found empty.
const isEmpty = (level, col, row) => (col + 0.5) / level.cols + (row + 0.5) / level.rows < 0.35;

const journal = levels.flatMap(level =>
  Array.from({ length: level.cols * level.rows }, (_, i) => {
    const col = i % level.cols;
    const row = Math.floor(i / level.cols);
    const tiles = isEmpty(level, col, row) ? 0 : 256;
    return [level.level, level.minCol + col, level.minRow + row, tiles, tiles * 9000];
  }));

const inputPixels = 400_000_000;

/** @param fraction share done; finished or not, the answer is that of the progress route */
export function progress(fraction, seconds, status) {
  const done = Math.floor(journal.length * fraction);
  const finished = journal.slice(0, done);
  return {
    status, fraction, slabs_done: done, slabs_total: journal.length, part: 'slabs', parts_done: done, parts_total: journal.length, rate_unit: 'Mpix/s',
    rate: seconds > 0 ? (inputPixels * fraction) / seconds / 1e6 : 0, tiles: finished.reduce((sum, slab) => sum + slab[3], 0), input_pixels: inputPixels,
    mpix_per_s: seconds > 0 ? (inputPixels * fraction) / seconds / 1e6 : 0,
    time_left_s: fraction > 0 && fraction < 1 ? (seconds * (1 - fraction)) / fraction : null,
    levels: levels.map(level => ({
      level: level.level, slabs_done: finished.filter(slab => slab[0] === level.level).length, slabs_total: level.cols * level.rows,
      min_col: level.minCol, min_row: level.minRow, max_col: level.minCol + level.cols - 1, max_row: level.minRow + level.rows - 1 })),
    failures: status === 'FAILURE' ? ['slab 17/1043/706: 95-2024-0650-6870.tif cannot be read: block 12 of band 1 is truncated'] : [],
  };
}

export function slabs(fraction, from) {
  const done = Math.floor(journal.length * fraction);
  const page = journal.slice(from, Math.min(done, from + 50));
  return { slabs: page, next: from + page.length };
}
