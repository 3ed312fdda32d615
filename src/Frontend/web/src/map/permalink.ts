// What the map shows, as the fragment of its address: #layers=a,b~0.5&crs=EPSG:3857&c=2.35,48.85&r=4.7

export interface Shown {
  name: string;
  opacity: number;
}

export interface Permalink {
  /** Bottom layer first. */
  layers: Shown[] | null;
  crs: string | null;
  /** Longitude, latitude in degrees. */
  center: [number, number] | null;
  /** CRS units per pixel. */
  resolution: number | null;
}

export function readPermalink(hash: string): Permalink {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const numbers = (given.get('c') ?? '').split(',').map(Number);
  const resolution = Number(given.get('r'));
  return {
    layers: given.has('layers')
      ? given.get('layers')!.split(',').filter(Boolean).map(text => {
          const [name, opacity] = text.split('~') as [string, string | undefined];
          return { name, opacity: opacity === undefined ? 1 : Math.min(1, Math.max(0, Number(opacity) || 0)) };
        })
      : null,
    crs: given.get('crs'),
    center: numbers.length === 2 && numbers.every(Number.isFinite) ? [numbers[0]!, numbers[1]!] : null,
    resolution: resolution > 0 ? resolution : null,
  };
}

export function writePermalink(link: { layers: Shown[]; crs: string; center: [number, number]; resolution: number }): string {
  const layers = link.layers.map(layer => encodeURIComponent(layer.name) + (layer.opacity < 1 ? `~${layer.opacity.toFixed(2)}` : '')).join(',');
  const [longitude, latitude] = link.center;
  return `#layers=${layers}&crs=${link.crs}&c=${longitude.toFixed(6)},${latitude.toFixed(6)}&r=${Number(link.resolution.toPrecision(6))}`;
}
