import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { readCapabilities, type PublishedLayer } from '../map/capabilities';
import { mountSession } from '../parts/Session';
import { count as figure } from '../parts/figures';
import '../styles/base.css';
import '../styles/viewer3d.css';
import { CloudView, type Extras, type Loaded, type PickedPoint } from './cloud';
import { colourings, type Colouring } from './material';
import { Panel, type Look } from './Panel';
import { addressOf, readClouds, type PublishedCloud } from './published';

const status = document.getElementById('status')!;
const element = document.getElementById('cloud')!;

/** What is shown, as the fragment of the address: #tileset=/3dtiles/x/tileset.json&color=height&size=2&at=x,y,z,x,y,z */
function readLink(): { tileset: string | null; look: Look; at: number[] | null } {
  const given = new URLSearchParams(location.hash.replace(/^#/, ''));
  const at = (given.get('at') ?? '').split(',').map(Number);
  const number = (name: string, fallback: number, least: number, most: number): number => {
    const value = Number(given.get(name));
    return given.has(name) && Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : fallback;
  };
  return {
    tileset: given.get('tileset'),
    look: {
      colouring: colourings.find(name => name === given.get('color')) ?? ('' as Colouring),
      pointSize: number('size', 2, 1, 10),
      budget: number('budget', 3, 0.25, 20),
      hidden: new Set((given.get('hidden') ?? '').split(',').filter(Boolean).map(Number)),
      ground: given.get('ground') ?? '',
    },
    at: at.length === 6 && at.every(Number.isFinite) ? at : null,
  };
}

function writeLink(tileset: string, look: Look, at: number[]): string {
  const hidden = look.hidden.size ? `&hidden=${[...look.hidden].join()}` : '';
  const ground = look.ground ? `&ground=${encodeURIComponent(look.ground)}` : '';
  return `#tileset=${encodeURI(tileset)}&color=${look.colouring}&size=${look.pointSize}&budget=${look.budget}${hidden}${ground}&at=${at.map(value => value.toFixed(1)).join()}`;
}

function picture(layer: string, [west, south, east, north]: [number, number, number, number]): string {
  const wide = (east - west) * Math.cos(((south + north) * Math.PI) / 360) > north - south;
  const ratio = Math.max(0.05, ((north - south) / ((east - west) * Math.cos(((south + north) * Math.PI) / 360))));
  const [width, height] = wide ? [2048, Math.ceil(2048 * ratio)] : [Math.ceil(2048 / ratio), 2048];
  return `wms-r?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS=${encodeURIComponent(layer)}&STYLES=&CRS=CRS:84&BBOX=${west},${south},${east},${north}`
    + `&WIDTH=${width}&HEIGHT=${height}&FORMAT=image/png&TRANSPARENT=TRUE`;
}

function Viewer({ clouds, layers }: { clouds: PublishedCloud[]; layers: PublishedLayer[] }) {
  const link = useRef(readLink());
  const view = useRef<CloudView | null>(null);
  const [address, setAddress] = useState(link.current.tileset ?? clouds[0]?.tileset ?? '');
  const [extras, setExtras] = useState<Extras>({});
  const [look, setLook] = useState(link.current.look);
  const [picked, setPicked] = useState<PickedPoint | null>(null);
  const [grounds, setGrounds] = useState<PublishedLayer[]>([]);
  const [failure, setFailure] = useState('');
  const now = useRef({ address, look });
  now.current = { address, look };

  useEffect(() => {
    if (!address) return;
    setExtras({});
    setPicked(null);
    setFailure('');
    let created: CloudView;
    try {
      created = new CloudView(element, addressOf(address));
    } catch {
      setFailure('This browser shows no WebGL 2, which the points are drawn with.');
      return;
    }
    view.current = created;
    created.onFailure = setFailure;
    created.onReady = found => {
      if (link.current.at) created.moveTo(link.current.at);
      link.current.at = null;
      setExtras(found);
      setLook(before => ({ ...before, colouring: before.colouring || startColouring(found) }));
      const [west, south, east, north] = created.bounds;
      setGrounds(layers.filter(({ bounds: b }) => b && b[0] < east && b[2] > west && b[1] < north && b[3] > south));
    };
    created.onState = state => tell(state, created);
    const timer = setInterval(() => history.replaceState(null, '', writeLink(addressOf(now.current.address), now.current.look, created.camera3d)), 1000);
    const stopPicking = watchClicks(event => setPicked(created.pick(event.clientX, event.clientY, now.current.look.hidden)));
    return () => {
      clearInterval(timer);
      stopPicking();
      created.dispose();
      view.current = null;
    };
  }, [address]);

  useEffect(() => {
    const shown = view.current;
    if (!shown) return;
    shown.budget = look.budget * 1e6;
    shown.materials.uniforms.colouring.value = Math.max(0, colourings.indexOf(look.colouring));
    shown.materials.uniforms.pointSize.value = look.pointSize * Math.min(window.devicePixelRatio, 2);
    shown.materials.hideClasses(look.hidden);
  }, [look, extras]);

  useEffect(() => {
    if (view.current && extras.points !== undefined) view.current.showGround(look.ground ? picture(look.ground, view.current.bounds) : null);
  }, [look.ground, extras]);

  const hide = (code: number, isHidden: boolean): void => setLook(before => {
    const hidden = new Set(before.hidden);
    if (isHidden) hidden.add(code);
    else hidden.delete(code);
    return { ...before, hidden };
  });
  return (
    <>
      {failure && <p class="error" role="alert">{failure}</p>}
      <Panel clouds={clouds} address={address} extras={extras} grounds={grounds} look={look} picked={picked}
        onOpen={next => setAddress(addressOf(next))} onLook={change => setLook(before => ({ ...before, ...change }))} onHide={hide} onFit={() => view.current?.fit()} />
    </>
  );
}

/** Colours that tell most: classes where points have some, else the photo's, else heights. */
function startColouring({ classes, hasColor }: Extras): Colouring {
  const classified = Object.keys(classes ?? {}).some(code => Number(code) > 1);
  return classified ? 'classification' : hasColor ? 'rgb' : 'height';
}

/** Calls back for presses that do not move: others turn the cloud. */
function watchClicks(onClick: (event: PointerEvent) => void): () => void {
  let start: [number, number] | null = null;
  const down = (event: PointerEvent): void => {
    start = event.button === 0 ? [event.clientX, event.clientY] : null;
  };
  const up = (event: PointerEvent): void => {
    if (start && Math.hypot(event.clientX - start[0], event.clientY - start[1]) < 4) onClick(event);
    start = null;
  };
  element.addEventListener('pointerdown', down, true);
  element.addEventListener('pointerup', up, true);
  return () => {
    element.removeEventListener('pointerdown', down, true);
    element.removeEventListener('pointerup', up, true);
  };
}

function tell(state: Loaded, view: CloudView): void {
  const total = view.extras.points ? ` of ${figure(view.extras.points)}` : '';
  const text = `${figure(state.points)}${total} points  ·  ${state.tiles} tiles${state.pending ? '  ·  loading…' : ''}`;
  if (status.textContent !== text) status.textContent = text;
}

mountSession();
const panel = document.getElementById('panel')!;
// The raster layers are only the ground: without them the points are still shown.
Promise.all([readClouds(), readCapabilities().then(service => service.layers, () => [])])
  .then(([clouds, layers]) => {
    panel.replaceChildren();
    render(<Viewer clouds={clouds} layers={layers} />, panel);
  })
  .catch((failure: Error) => {
    panel.replaceChildren();
    render(<p class="error" role="alert">{failure.message}</p>, panel);
  });
