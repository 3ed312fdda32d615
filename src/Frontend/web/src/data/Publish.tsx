import { useState } from 'preact/hooks';
import { get, list, post } from '../api/client';
import type { Configuration, Datastore, Named, Offering, StoredData } from '../api/entities';
import { tellChange } from '../parts/changes';
import { usePolling } from '../parts/usePolling';

/** Services of a stored data's type: the first is what people mean by publishing. */
export function servicesFor(data: StoredData): [string, string][] {
  const files: [string, string][] = [['DOWNLOAD', 'Files to download']];
  const tiles: [string, string][] = [['WMTS-TMS', 'Tiles (WMTS, TMS)'], ['WMS-RASTER', 'Maps (WMS)']];
  return data.type === 'ROK4-PYRAMID-RASTER' ? [...tiles, ...(data.type_infos?.files ? files : [])] : data.type === 'PYRAMID-3D-COPC' ? files : [];
}

/** Whether what is stored are values that only a style shows: heights, and other floats of one channel. */
const areValues = ({ type_infos: infos }: StoredData): boolean => infos?.channels_format === 'FLOAT32' && infos.channels_number === 1;

// The first style of a layer is shown to who asks for none.
const rank = (style: string): number => (style === 'hillshade' ? 0 : style === 'normal' ? 2 : 1);

function layerName(name: string, prefix: string): string {
  const safe = name.trim().replace(/[^A-Za-z0-9_.-]+/g, '_');
  const full = safe.startsWith(prefix) ? safe : prefix + safe;
  return /^[A-Za-z_]/.test(full) ? full : `_${full}`;
}

/** Levels by their resolution where their names are numbers, else as they came. */
function ordered(levels: string[]): string[] {
  return levels.every(level => /^\d+$/.test(level)) ? [...levels].sort((a, b) => Number(a) - Number(b)) : levels;
}

/** Publishes stored data: for each chosen service a configuration, and its offering on the datastore's open endpoint. */
export function Publish({ datastore, data, services, onDone }: { datastore: string; data: StoredData; services: [string, string][]; onDone(): void }) {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const path = `datastores/${datastore}`;
  const { value, error: unread } = usePolling(
    path,
    async signal => ({
      place: await get<Datastore>(path, signal),
      styles: areValues(data) ? (await list<Named>(`${path}/statics?type=ROK4-STYLE&limit=100`, signal)).items.map(style => style.name) : [],
    }),
    () => 0,
  );
  if (!value) return <p class={unread ? 'error' : 'quiet'}>{unread || 'Loading…'}</p>;
  const { place } = value;
  const styles = value.styles.sort((a, b) => rank(a) - rank(b));
  const endpointOf = (service: string) => place.endpoints?.map(use => use.endpoint).find(candidate => candidate.type === service && candidate.open);
  const offered = services.filter(([service]) => endpointOf(service));
  if (offered.length === 0) return <p class="quiet">This datastore has no open endpoint for it.</p>;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const wanted = offered.filter(([service]) => form.has(service));
    if (wanted.length === 0) {
      setError('Choose at least one service.');
      return;
    }
    setBusy(true);
    setError('');
    try {
      const layer = String(form.get('layer'));
      for (const [service] of wanted) {
        const endpoint = endpointOf(service)!;
        const configuration = await configure(service, layer, String(form.get('title')), String(form.get('abstract')), form.getAll('style').map(String));
        const offering = await post<Offering>(`${path}/configurations/${configuration._id}/offerings`, { endpoint: endpoint._id, open: true });
        await published(offering);
      }
      onDone();
      tellChange();
    } catch (failure) {
      setError((failure as Error).message);
    }
    setBusy(false);
  };

  // A configuration that an earlier attempt left without an offering is taken as it is.
  async function configure(type: string, layer: string, title: string, text: string, styles: string[]): Promise<Configuration> {
    const known = await list<Configuration>(`${path}/configurations?type=${type}&layer_name=${encodeURIComponent(layer)}&stored_data=${data._id}`);
    const own = known.items.find(one => one.layer_name === layer && one.status === 'UNPUBLISHED');
    if (own) return own;
    const levels = ordered(data.type_infos?.levels ?? []);
    const use = type === 'DOWNLOAD' ? { sub_name: layer } : { bottom_level: levels.at(-1), top_level: levels[0] };
    return post<Configuration>(`${path}/configurations`, {
      type, name: title, layer_name: layer,
      type_infos: { title, abstract: text || title, keywords: [], used_data: [{ stored_data: data._id, ...use }], ...(type !== 'DOWNLOAD' && styles.length > 0 ? { styles } : {}) },
    });
  }

  async function published(offering: Offering): Promise<void> {
    for (;;) {
      const now = await get<Offering>(`${path}/offerings/${offering._id}`);
      if (now.status === 'PUBLISHED') return;
      if (now.status === 'UNSTABLE') throw new Error(`The publication of ${now.layer_name} failed: its offering is unstable.`);
      await new Promise(wait => setTimeout(wait, 300));
    }
  }

  return (
    <form class="publish fields" onSubmit={submit} aria-label={`Publish ${data.name}`}>
      <label>Layer name <input name="layer" required pattern="[A-Za-z_][A-Za-z0-9_.\-]*" title="A letter or an underscore, then letters, digits, _ . and -" defaultValue={layerName(data.name, place.configuration_layer_name_prefix ?? '')} /></label>
      <label>Title <input name="title" required defaultValue={data.name} /></label>
      <label>Description <input name="abstract" /></label>
      {offered.length > 1 && (
        <fieldset>
          <legend>Services</legend>
          {offered.map(([service, label]) => <label key={service} class="check"><input type="checkbox" name={service} defaultChecked /> {label}</label>)}
        </fieldset>
      )}
      {offered.length === 1 && <input type="hidden" name={offered[0]![0]} value="on" />}
      {styles.length > 0 && (
        <fieldset>
          <legend>Styles</legend>
          {styles.map(style => <label key={style} class="check"><input type="checkbox" name="style" value={style} defaultChecked={['hillshade', 'slope', 'normal'].includes(style)} /> {style}</label>)}
          <small class="quiet">The first is shown to who asks for none; normal gives the values themselves.</small>
        </fieldset>
      )}
      <button type="submit" disabled={busy}>Publish</button>
      <p class="error" role="alert">{error}</p>
    </form>
  );
}
