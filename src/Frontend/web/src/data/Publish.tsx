import { useState } from 'preact/hooks';
import { get, post } from '../api/client';
import type { Configuration, Datastore, Offering, StoredData } from '../api/entities';

const service = 'WMTS-TMS';

function layerName(name: string): string {
  const safe = name.trim().replace(/[^A-Za-z0-9_.-]+/g, '_');
  return /^[A-Za-z_]/.test(safe) ? safe : `_${safe}`;
}

/** Publishes a pyramid: a configuration, and its offering on the datastore's open endpoint. */
export function Publish({ datastore, data, onDone }: { datastore: string; data: StoredData; onDone(): void }) {
  const [error, setError] = useState('');
  const [done, setDone] = useState('');
  const [busy, setBusy] = useState(false);
  const levels = [...(data.type_infos?.levels ?? [])].sort((a, b) => Number(a) - Number(b));
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setError('');
    try {
      const { endpoints } = await get<Datastore>(`datastores/${datastore}`);
      const endpoint = endpoints?.map(use => use.endpoint).find(candidate => candidate.type === service && candidate.open);
      if (!endpoint) throw new Error(`This datastore has no open endpoint of type ${service}.`);
      const title = String(form.get('title'));
      const configuration = await post<Configuration>(`datastores/${datastore}/configurations`, {
        type: service,
        name: title,
        layer_name: String(form.get('layer')),
        type_infos: { title, abstract: title, keywords: [], used_data: [{ stored_data: data._id, bottom_level: levels.at(-1), top_level: levels[0] }] },
      });
      const offering = await post<Offering>(`datastores/${datastore}/configurations/${configuration._id}/offerings`, { endpoint: endpoint._id, open: true });
      setDone(offering.layer_name);
      onDone();
    } catch (failure) {
      setError((failure as Error).message);
    }
    setBusy(false);
  };
  if (done) return <p role="status">Published: <a href={`map#layers=${encodeURIComponent(done)}`}>see {done} on the map</a>.</p>;
  return (
    <form class="publish" onSubmit={submit}>
      <label>Layer name <input name="layer" required pattern="[A-Za-z_][A-Za-z0-9_.\-]*" defaultValue={layerName(data.name)} /></label>
      <label>Title <input name="title" required defaultValue={data.name} /></label>
      <button type="submit" disabled={busy}>Publish</button>
      <p class="error" role="alert">{error}</p>
    </form>
  );
}
