import { useEffect, useRef } from 'preact/hooks';
import type { LevelProgress } from '../api/entities';

const maxPixels = 560;

/** State of slabs of one level; several slabs share a cell where the level is larger than its picture. */
export class SlabField {
  readonly cols: number;
  readonly rows: number;
  /** Slabs along the side of a cell. */
  readonly step: number;
  readonly written: Uint32Array;
  readonly empty: Uint32Array;

  constructor(private readonly level: LevelProgress) {
    const width = level.max_col - level.min_col + 1;
    const height = level.max_row - level.min_row + 1;
    this.step = Math.max(1, Math.ceil(Math.max(width, height) / maxPixels));
    this.cols = Math.ceil(width / this.step);
    this.rows = Math.ceil(height / this.step);
    this.written = new Uint32Array(this.cols * this.rows);
    this.empty = new Uint32Array(this.cols * this.rows);
  }

  add(col: number, row: number, tiles: number): void {
    const x = Math.floor((col - this.level.min_col) / this.step);
    const y = Math.floor((row - this.level.min_row) / this.step);
    if (x < 0 || y < 0 || x >= this.cols || y >= this.rows) return;
    (tiles > 0 ? this.written : this.empty)[y * this.cols + x]!++;
  }

  /** Pixels a cell takes on the screen. */
  get cell(): number {
    return Math.max(1, Math.min(14, Math.floor(maxPixels / Math.max(this.cols, this.rows))));
  }
}

function draw(canvas: HTMLCanvasElement, field: SlabField): void {
  const context = canvas.getContext('2d')!;
  const style = getComputedStyle(canvas);
  const [none, empty, done] = ['--slab-none', '--slab-empty', '--slab-done'].map(name => style.getPropertyValue(name).trim());
  const { cell, cols, rows } = field;
  const gap = cell >= 4 ? 1 : 0;
  const share = field.step * field.step;
  context.clearRect(0, 0, canvas.width, canvas.height);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < cols; x++) {
      const written = field.written[y * cols + x]!;
      const finished = written + field.empty[y * cols + x]!;
      context.globalAlpha = 1;
      context.fillStyle = none!;
      context.fillRect(x * cell, y * cell, cell - gap, cell - gap);
      if (finished === 0) continue;
      context.globalAlpha = Math.max(0.25, Math.min(1, finished / share));
      context.fillStyle = written > 0 ? done! : empty!;
      context.fillRect(x * cell, y * cell, cell - gap, cell - gap);
    }
  }
}

/** The slabs of one level as a picture that fills in. */
export function SlabCanvas({ level, field, drawn }: { level: LevelProgress; field: SlabField; drawn: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const frame = requestAnimationFrame(() => canvas.current && draw(canvas.current, field));
    return () => cancelAnimationFrame(frame);
  }, [field, drawn]);
  return (
    <figure class="level">
      <figcaption>
        <b>Level {level.level}</b> <span class="quiet">{level.slabs_done} of {level.slabs_total} slabs</span>
      </figcaption>
      <canvas ref={canvas} width={field.cols * field.cell} height={field.rows * field.cell} role="img"
        aria-label={`Level ${level.level}: ${level.slabs_done} of ${level.slabs_total} slabs done`} />
    </figure>
  );
}
