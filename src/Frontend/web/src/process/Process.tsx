import { useState } from 'preact/hooks';
import { list, post } from '../api/client';
import type { Execution, Processing, StoredData } from '../api/entities';
import { usePolling } from '../parts/usePolling';
import { Parameter, valueOf } from './Parameter';
import { first, harvest, merge, processings, rasterPyramid, unasked } from './words';

export interface Input {
  kind: 'upload' | 'stored_data';
  id: string;
  name: string;
  type: string;
}

interface Choice {
  processings: Processing[];
  pyramids: StoredData[];
}

/** The processings that can begin from the input alone: pyramids are updated from the upload that they are updated with. */
function suits(processing: Processing, input: Input | null): boolean {
  const { upload, stored_data } = processing.input_types;
  if (!input) return processing._id === harvest;
  return input.kind === 'upload' ? upload.includes(input.type) : stored_data.includes(input.type) && processing._id !== rasterPyramid;
}

/** Launches a processing of an upload or of stored data, or of neither. */
export function Process({ datastore, input }: { datastore: string; input: Input | null }) {
  const { value, error: unread } = usePolling<Choice>(
    `${datastore} ${input?.id}`,
    async signal => ({
      processings: (await list<Processing>(`datastores/${datastore}/processings?limit=100`, signal)).items.filter(one => suits(one, input)),
      pyramids: (await list<StoredData>(`datastores/${datastore}/stored_data?type=ROK4-PYRAMID-RASTER&status=GENERATED&owned=true&limit=1000`, signal)).items,
    }),
    () => 0,
  );
  const [chosen, choose] = useState('');
  const [updated, update] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  if (!value) return <p class={unread ? 'error' : 'quiet'}>{unread || 'Loading…'}</p>;
  const processing = value.processings.find(one => one._id === chosen) ?? value.processings[0];
  if (!processing) return <p class="quiet">No processing takes data of this type.</p>;
  const updates = input?.kind === 'upload' && processing._id === rasterPyramid && value.pyramids.length > 0;
  const others = processing._id === merge ? value.pyramids.filter(pyramid => pyramid._id !== input?.id) : [];
  const former = updates ? updated : '';
  const asked = (processing.parameters ?? []).filter(({ name }) => !unasked.includes(name) && (former ? name === 'area' : name !== 'area' || processing._id !== rasterPyramid));
  const isFirst = ({ name, mandatory }: (typeof asked)[number]) => mandatory || first.includes(name) || former !== '';

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setError('');
    try {
      const given = asked.map(one => [one.name, valueOf(form, one)] as const).filter(([, value]) => value !== undefined);
      const stored = [...(input?.kind === 'stored_data' ? [input.id] : []), ...(former ? [former] : []), ...form.getAll('other').map(String)];
      const path = `datastores/${datastore}/processings/executions`;
      const execution = await post<Execution>(path, {
        processing: processing._id,
        inputs: { upload: input?.kind === 'upload' ? [input.id] : [], stored_data: stored },
        output: { stored_data: former ? { _id: former } : { name: String(form.get('name')).trim() } },
        parameters: Object.fromEntries(given),
      });
      await post(`${path}/${execution._id}/launch`);
      location.assign(`builds#${execution._id}`);
    } catch (failure) {
      setError((failure as Error).message);
      setBusy(false);
    }
  };

  return (
    <form class="fields" onSubmit={submit} aria-label={input ? `Process ${input.name}` : 'Process'}>
      <label>
        Processing
        <select value={processing._id} onChange={event => choose(event.currentTarget.value)}>
          {value.processings.map(one => <option key={one._id} value={one._id}>{processings[one.name] ?? one.name}</option>)}
        </select>
        <small class="quiet" lang="fr">{processing.name}</small>
      </label>
      {updates && (
        <label>
          Result
          <select value={updated} onChange={event => update(event.currentTarget.value)}>
            <option value="">A new pyramid</option>
            {value.pyramids.map(pyramid => <option key={pyramid._id} value={pyramid._id}>A new version of {pyramid.name}</option>)}
          </select>
        </label>
      )}
      {others.length > 0 && (
        <fieldset>
          <legend>Pyramids below {input!.name}</legend>
          {others.map(other => <label key={other._id} class="check"><input type="checkbox" name="other" value={other._id} /> {other.name}</label>)}
        </fieldset>
      )}
      {!former && <label>Name of the result <input name="name" required maxLength={255} defaultValue={input?.name ?? ''} /></label>}
      <div key={processing._id + former} class="fields">
        {asked.filter(isFirst).map(one => <Parameter key={one.name} of={one} />)}
        {asked.some(one => !isFirst(one)) && (
          <details>
            <summary>More parameters</summary>
            <div class="fields">{asked.filter(one => !isFirst(one)).map(one => <Parameter key={one.name} of={one} />)}</div>
          </details>
        )}
      </div>
      <button type="submit" disabled={busy}>Start</button>
      <p class="error" role="alert">{error}</p>
    </form>
  );
}
