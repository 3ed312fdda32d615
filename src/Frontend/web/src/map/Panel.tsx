import type { PublishedLayer } from './capabilities';
import type { Shown } from './permalink';
import { knowsProjection } from './projections';

interface Props {
  layers: PublishedLayer[];
  shown: Shown[];
  crs: string;
  attribution: { name: string; site: string };
  onShow(shown: Shown[]): void;
  onFit(layer: PublishedLayer): void;
  onProject(crs: string): void;
}

function Row({ layer, state, onToggle, onOpacity, onFit }: {
  layer: PublishedLayer;
  state: Shown | undefined;
  onToggle(on: boolean): void;
  onOpacity(value: number): void;
  onFit(): void;
}) {
  const known = knowsProjection(layer.crs);
  const id = `layer-${layer.name}`;
  return (
    <li>
      <div class="layer-head">
        <input type="checkbox" id={id} checked={!!state} disabled={!known} onChange={event => onToggle(event.currentTarget.checked)} />
        <label for={id} title={layer.abstract}>{layer.title}</label>
        <button type="button" class="plain" onClick={onFit} disabled={!layer.bounds || !known} aria-label={`Zoom to ${layer.title}`}>Zoom to</button>
      </div>
      <p class="quiet small">{layer.name} · {layer.matrixSet}{known ? '' : ` · ${layer.crs} cannot be drawn here`}</p>
      {!layer.drawable && <p class="small">Values, not pictures: publish it in a style, such as hillshade, to see it.</p>}
      <label class="opacity small">
        <span>Opacity</span>
        <input type="range" min="0" max="100" step="5" value={Math.round((state?.opacity ?? 1) * 100)} disabled={!state}
          aria-label={`Opacity of ${layer.title}`} onInput={event => onOpacity(Number(event.currentTarget.value) / 100)} />
        <output>{Math.round((state?.opacity ?? 1) * 100)} %</output>
      </label>
    </li>
  );
}

/** The list of layers beside the map. */
export function Panel({ layers, shown, crs, attribution, onShow, onFit, onProject }: Props) {
  const systems = [...new Set(['EPSG:3857', ...layers.map(layer => layer.crs)])].filter(knowsProjection);
  const toggle = (name: string, on: boolean) =>
    onShow(on ? [...shown, { name, opacity: 1 }] : shown.filter(item => item.name !== name));
  const fade = (name: string, opacity: number) => onShow(shown.map(item => (item.name === name ? { name, opacity } : item)));
  return (
    <>
      <h2>Layers</h2>
      {layers.length === 0 && <p>No layer is published yet.</p>}
      <ul class="layer-list">
        {layers.map(layer => (
          <Row key={layer.name} layer={layer} state={shown.find(item => item.name === layer.name)}
            onToggle={on => toggle(layer.name, on)} onOpacity={value => fade(layer.name, value)} onFit={() => onFit(layer)} />
        ))}
      </ul>
      <p class="chooser">
        <label for="projection">Projection</label>
        <select id="projection" value={crs} onChange={event => onProject(event.currentTarget.value)}>
          {systems.map(system => <option key={system} value={system}>{system}</option>)}
        </select>
      </p>
      {attribution.name && <p class="quiet small">Source: {attribution.site ? <a href={attribution.site} rel="noreferrer">{attribution.name}</a> : attribution.name}</p>}
    </>
  );
}
