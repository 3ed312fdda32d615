import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { toLonLat } from 'ol/proj';
import 'ol/ol.css';
import { mountSession } from '../parts/Session';
import '../styles/base.css';
import '../styles/map.css';
import { readCapabilities, type Service } from './capabilities';
import { Panel } from './Panel';
import { readPermalink, writePermalink, type Shown } from './permalink';
import { knowsProjection } from './projections';
import { LayerMap } from './view';

const status = document.getElementById('status')!;

function MapPanel({ service }: { service: Service }) {
  const map = useRef<LayerMap | null>(null);
  const [crs, setCrs] = useState('EPSG:3857');
  const [shown, setShown] = useState<Shown[]>([]);
  const shownNow = useRef(shown);
  shownNow.current = shown;

  useEffect(() => {
    const link = readPermalink(location.hash);
    const first = link.layers?.filter(item => service.layers.some(layer => layer.name === item.name))
      ?? service.layers.slice(0, 1).map(layer => ({ name: layer.name, opacity: 1 }));
    const top = service.layers.find(layer => layer.name === first.at(-1)?.name) ?? null;
    const created = new LayerMap(document.getElementById('map')!, service, startCrs(link.crs, top?.crs));
    map.current = created;
    created.show(first);
    if (link.center && link.resolution) created.moveTo(link.center, link.resolution);
    else created.fit(top);
    setShown(first);
    setCrs(created.crs);
    // Written by this page or by hand: a fragment changed in the address bar is obeyed.
    let written = '';
    created.map.on('moveend', () => {
      written = writePermalink({ ...created.state, layers: shownNow.current });
      history.replaceState(null, '', written);
      tell(created, shownNow.current);
    });
    created.map.on('pointermove', event => tell(created, shownNow.current, event.coordinate as [number, number]));
    window.addEventListener('hashchange', () => {
      if (location.hash !== written) location.reload();
    });
  }, []);

  useEffect(() => {
    const created = map.current;
    if (!created) return;
    created.show(shown);
    history.replaceState(null, '', writePermalink({ ...created.state, layers: shown }));
    tell(created, shown);
  }, [shown, crs]);

  return (
    <Panel layers={service.layers} shown={shown} crs={crs} attribution={service.provider} onShow={setShown}
      onFit={layer => map.current?.fit(layer)}
      onProject={next => {
        map.current?.project(next);
        setCrs(next);
      }} />
  );
}

function startCrs(wanted: string | null, layer: string | undefined): string {
  return [wanted, layer].find(code => code && knowsProjection(code)) ?? 'EPSG:3857';
}

function tell(map: LayerMap, shown: Shown[], coordinate?: [number, number]): void {
  const { center, resolution } = map.state;
  const [longitude, latitude] = coordinate ? (toLonLat(coordinate, map.crs) as [number, number]) : center;
  const levels = shown.map(item => map.levelOf(item.name)).filter(level => level !== null);
  const parts = [
    `${Math.abs(latitude).toFixed(5)}° ${latitude < 0 ? 'S' : 'N'}, ${Math.abs(longitude).toFixed(5)}° ${longitude < 0 ? 'W' : 'E'}`,
    coordinate && map.crs !== 'EPSG:4326' ? `${coordinate[0].toFixed(1)}, ${coordinate[1].toFixed(1)} ${map.crs}` : '',
    levels.length ? `level ${[...new Set(levels)].join(', ')}` : '',
    `${Number(resolution.toPrecision(3))} ${map.unit}/px`,
  ];
  status.textContent = parts.filter(Boolean).join('  ·  ');
}

mountSession();
const panel = document.getElementById('panel')!;
readCapabilities()
  .then(service => {
    panel.replaceChildren();
    render(<MapPanel service={service} />, panel);
  })
  .catch((failure: Error) => {
    panel.replaceChildren();
    render(<p class="error" role="alert">{failure.message}</p>, panel);
  });
