import type { PublishedLayer } from '../map/capabilities';
import { knowsProjection } from '../map/projections';
import { count as figure } from '../parts/figures';
import { transform } from 'ol/proj';
import { useEffect, useRef } from 'preact/hooks';
import { classOf } from './classes';
import type { Extras, PickedPoint } from './cloud';
import { colourings, type Colouring } from './material';
import { addressOf, type PublishedCloud } from './published';

export interface Look {
  colouring: Colouring;
  pointSize: number;
  /** Millions of points. */
  budget: number;
  hidden: ReadonlySet<number>;
  /** Name of the layer under the points; empty for none. */
  ground: string;
}

interface Props {
  clouds: PublishedCloud[];
  address: string;
  extras: Extras;
  grounds: PublishedLayer[];
  look: Look;
  picked: PickedPoint | null;
  onOpen(address: string): void;
  onLook(change: Partial<Look>): void;
  onHide(code: number, hide: boolean): void;
  onFit(): void;
}

const names: Record<Colouring, string> = { classification: 'Classification', height: 'Height', rgb: 'Photo colours', intensity: 'Intensity', return: 'Return number' };
const turbo = ['#30123b', '#4662d8', '#36aaf9', '#1ae4b6', '#72fe5e', '#c8ef34', '#fbb938', '#f66b19', '#ca2a04', '#7a0403'];

/** The ramp's colour at a place from 0 to 1. */
function turboAt(place: number): string {
  const at = place * (turbo.length - 1);
  const from = Math.min(turbo.length - 2, Math.floor(at));
  return `color-mix(in srgb, ${turbo[from + 1]} ${Math.round((at - from) * 100)}%, ${turbo[from]})`;
}

/** The cloud that is shown, how it is drawn, its legend, and the point that was clicked. */
export function Panel({ clouds, address, extras, grounds, look, picked, onOpen, onLook, onHide, onFit }: Props) {
  const known = clouds.some(cloud => addressOf(cloud.tileset) === addressOf(address));
  return (
    <>
      <h2>Cloud</h2>
      <label class="field"><span>Layer</span>
        <select id="layer" value={known ? addressOf(address) : ''} onChange={event => event.currentTarget.value && onOpen(event.currentTarget.value)}>
          {!known && <option value="">{clouds.length ? 'Choose…' : 'No cloud is published yet'}</option>}
          {clouds.map(cloud => <option key={cloud.name} value={addressOf(cloud.tileset)}>{cloud.title}</option>)}
        </select>
      </label>
      <form onSubmit={event => {
        event.preventDefault();
        onOpen((event.currentTarget.elements.namedItem('address') as HTMLInputElement).value);
      }}>
        <label class="field"><span>Address</span><input type="text" id="address" name="address" key={address} defaultValue={address} placeholder="3dtiles/…/tileset.json" /></label>
      </form>
      {extras.points !== undefined && (
        <p class="quiet small" id="about">{figure(extras.points)} points · {shortCrs(extras.crs)}{extras.heights ? ` · ${extras.heights}` : ''}</p>
      )}
      <p class="small"><button type="button" class="plain" onClick={onFit}>Show all of it</button></p>
      <h2>Drawing</h2>
      <label class="field"><span>Colours</span>
        <select id="colouring" value={look.colouring} onChange={event => onLook({ colouring: event.currentTarget.value as Colouring })}>
          {colourings.filter(name => name !== 'rgb' || extras.hasColor !== false).map(name => <option key={name} value={name}>{names[name]}</option>)}
        </select>
      </label>
      <label class="field"><span>Point size</span>
        <input type="range" id="size" min="1" max="10" step="0.5" value={look.pointSize} onInput={event => onLook({ pointSize: Number(event.currentTarget.value) })} />
        <output>{look.pointSize} px</output>
      </label>
      <label class="field"><span>Points</span>
        <input type="range" id="budget" min="0.25" max="20" step="0.25" value={look.budget} onInput={event => onLook({ budget: Number(event.currentTarget.value) })} />
        <output>{look.budget} M</output>
      </label>
      <label class="field"><span>Ground</span>
        <select id="ground" value={look.ground} onChange={event => onLook({ ground: event.currentTarget.value })}>
          <option value="">none</option>
          {grounds.map(layer => <option key={layer.name} value={layer.name}>{layer.title}</option>)}
        </select>
      </label>
      <h2>Legend</h2>
      <Legend extras={extras} look={look} onHide={onHide} />
      <h2>Point</h2>
      {picked ? <PointTable picked={picked} crs={shortCrs(extras.crs)} /> : <p class="quiet small">Click a point to see what is known of it.</p>}
    </>
  );
}

function Legend({ extras, look, onHide }: { extras: Extras; look: Look; onHide(code: number, hide: boolean): void }) {
  if (look.colouring === 'height') return <Ramp colors={turbo} low={metres(extras.minHeight)} high={metres(extras.maxHeight)} />;
  if (look.colouring === 'intensity') return <Ramp colors={['#000', '#fff']} low={`${extras.lowIntensity ?? 0}`} high={`${extras.highIntensity ?? 65535}`} />;
  if (look.colouring === 'return') {
    return (
      <ul class="legend">
        {[1, 2, 3, 4, 5, 6].map(number => (
          <li key={number} class="step">
            <svg width="14" height="14" aria-hidden="true"><rect width="14" height="14" rx="3" style={{ fill: turboAt((number - 0.5) / 6) }} /></svg>
            <span>{number === 1 ? '1 first' : number === 6 ? '6 and later' : number}</span>
          </li>
        ))}
      </ul>
    );
  }
  if (look.colouring === 'rgb') return <p class="quiet small">The colours that the points came with.</p>;
  return (
    <ul class="legend">
      {Object.entries(extras.classes ?? {}).map(([text, count]) => {
        const code = Number(text);
        const { name, color } = classOf(code);
        return (
          <li key={text}>
            <label>
              <input type="checkbox" checked={!look.hidden.has(code)} onChange={event => onHide(code, !event.currentTarget.checked)} />
              <svg width="14" height="14" aria-hidden="true"><rect width="14" height="14" rx="3" fill={`rgb(${color.join()})`} /></svg>
              <span>{code} {name}</span>
              <small>{figure(count)}</small>
            </label>
          </li>
        );
      })}
    </ul>
  );
}

function Ramp({ colors, low, high }: { colors: string[]; low: string; high: string }) {
  return (
    <>
      <svg class="ramp" preserveAspectRatio="none" viewBox="0 0 100 10" aria-hidden="true">
        <defs><linearGradient id="ramp">{colors.map((color, i) => <stop key={i} offset={i / (colors.length - 1)} stop-color={color} />)}</linearGradient></defs>
        <rect width="100" height="10" fill="url(#ramp)" />
      </svg>
      <p class="ramp-ends"><span>{low}</span><span>{high}</span></p>
    </>
  );
}

function PointTable({ picked, crs }: { picked: PickedPoint; crs: string }) {
  const table = useRef<HTMLDListElement>(null);
  // A long legend leaves it below what is seen.
  useEffect(() => table.current?.scrollIntoView({ block: 'nearest' }), [picked]);
  const [longitude, latitude, height] = picked.place;
  const inCrs = knowsProjection(crs) ? transform([longitude, latitude], 'EPSG:4326', crs) : null;
  const rows: [string, string | null][] = [
    ['Class', picked.classification === null ? null : `${picked.classification} ${classOf(picked.classification).name}`],
    [crs, inCrs && `${inCrs[0]!.toFixed(2)}, ${inCrs[1]!.toFixed(2)}`],
    ['Altitude', picked.altitude === null ? null : metres(picked.altitude)],
    ['Longitude', `${longitude.toFixed(7)}°`],
    ['Latitude', `${latitude.toFixed(7)}°`],
    ['Above ellipsoid', metres(height)],
    ['Intensity', picked.intensity === null ? null : `${picked.intensity}`],
    ['Return', picked.returnNumber === null ? null : `${picked.returnNumber}`],
    ['Colour', picked.color && picked.color.join(', ')],
    ['Tile', picked.tile],
  ];
  return <dl class="point" ref={table}>{rows.filter(([, value]) => value).map(([name, value]) => [<dt>{name}</dt>, <dd>{value}</dd>])}</dl>;
}

function metres(value: number | undefined): string {
  return value === undefined ? '' : `${value.toFixed(2)} m`;
}

/** The horizontal system of "EPSG:2154", "EPSG:2154+5720" or WKT. */
function shortCrs(crs: string | undefined): string {
  if (!crs) return '';
  const code = /^EPSG:(\d+)/.exec(crs)?.[1] ?? [...crs.replace(/,VERT.*$/s, '').matchAll(/(?:AUTHORITY|ID)\["EPSG",\s*"?(\d+)"?\]/g)].at(-1)?.[1];
  return code ? `EPSG:${code}` : 'a CRS of its own';
}
