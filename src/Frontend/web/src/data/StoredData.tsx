import { useState } from 'preact/hooks';
import { list, put, remove } from '../api/client';
import type { Configuration, Offering, StoredData as Data } from '../api/entities';
import { Act } from '../parts/Act';
import * as figures from '../parts/figures';
import { Status } from '../parts/Status';
import { may, type DatastoreChoice } from '../parts/useDatastore';
import { usePolling } from '../parts/usePolling';
import { Process } from '../process/Process';
import { layerUrl } from './layers';
import { Publish, servicesFor } from './Publish';
import { Rows } from './Rows';
import { Tags } from './Tags';

function contents({ type_infos: infos = {} }: Data): string {
  return [
    infos.tms, infos.levels?.length ? `${infos.levels.length} levels` : '', infos.compression, infos.channels_number ? `${infos.channels_number} channels` : '', infos.channels_format,
    infos.points ? `${figures.count(infos.points)} points` : '', infos.files ? `${figures.count(infos.files)} files` : '',
  ].filter(Boolean).join(' · ') || 'Not generated yet.';
}

// A layer goes on showing the version that it was published with.
async function synchronise(path: string, { _id }: Configuration): Promise<void> {
  for (const offering of (await list<Offering>(`${path}/configurations/${_id}/offerings`)).items) await put(`${path}/offerings/${offering._id}`);
}

function Layers({ datastore, data, again }: { datastore: DatastoreChoice; data: Data; again(): void }) {
  const path = `datastores/${datastore.id}`;
  const uses = usePolling(data._id, signal => list<Configuration>(`${path}/configurations?stored_data=${data._id}&limit=100`, signal), () => 10000);
  const order = servicesFor(data).map(([service]) => service);
  const items = [...(uses.value?.items ?? [])].sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
  const missing = servicesFor(data).filter(([service]) => !items.some(use => use.type === service && use.status !== 'UNPUBLISHED'));
  const changed = () => { uses.again(); again(); };
  return (
    <section>
      <h3>Layers</h3>
      {uses.error && <p class="error">{uses.error}</p>}
      <ul class="uses">
        {items.map(use => (
          <li key={use._id}>
            {use.status === 'PUBLISHED' ? <a href={layerUrl(use.type, use.layer_name)}>{use.layer_name}</a> : use.layer_name} <small class="quiet">{use.type}</small> <Status of={use.status} />
            {use.status === 'PUBLISHED' && may(datastore, 'BROADCAST') && (
              <Act act={() => synchronise(path, use)} onDone={changed} label={`Show the present version in ${use.layer_name}, ${use.type}`}>Show the present version</Act>
            )}
            {use.status === 'UNPUBLISHED' && may(datastore, 'BROADCAST') && (
              <Act act={() => remove(`${path}/configurations/${use._id}`)} onDone={changed} confirm={`Delete the configuration of ${use.layer_name}?`} label={`Delete the configuration of ${use.layer_name}, ${use.type}`}>Delete</Act>
            )}
          </li>
        ))}
      </ul>
      {uses.value && missing.length > 0 && data.status === 'GENERATED' && may(datastore, 'BROADCAST') && (
        <Publish key={missing.join()} datastore={datastore.id} data={data} services={missing} onDone={changed} />
      )}
    </section>
  );
}

function Details({ datastore, data, again }: { datastore: DatastoreChoice; data: Data; again(): void }) {
  return (
    <div class="details">
      <section>
        <h3>Contents</h3>
        <p>{contents(data)}</p>
        <p class="quiet"><code>{data._id}</code></p>
        {may(datastore, 'PROCESSING') && (
          <>
            {data.status === 'GENERATED' && <details class="process"><summary>Process</summary><Process datastore={datastore.id} input={{ kind: 'stored_data', id: data._id, name: data.name, type: data.type }} /></details>}
            <p class="acts">
              <Act look="danger" act={() => remove(`datastores/${datastore.id}/stored_data/${data._id}`)} onDone={again} confirm={`Delete ${data.name}? This cannot be undone.`} label={`Delete ${data.name}`}>Delete</Act>
            </p>
          </>
        )}
      </section>
      <Layers datastore={datastore} data={data} again={again} />
    </div>
  );
}

function Harvest({ datastore }: { datastore: DatastoreChoice }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="process" open={open} onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>From a WMS</summary>
      {open && <Process datastore={datastore.id} input={null} />}
    </details>
  );
}

/** The stored data of a datastore. */
export function StoredData({ datastore }: { datastore: DatastoreChoice }) {
  return (
    <Rows<Data>
      title="Stored data" path={`datastores/${datastore.id}/stored_data`} sort="last_event,desc"
      none="No stored data: a processing makes it from an upload."
      busy={data => ['CREATED', 'GENERATING', 'MODIFYING'].includes(data.status)}
      columns={['Name', 'Status', 'Type', 'CRS', 'Size', 'Tags', 'Created']} numbers={[4]}
      cells={data => [data.name, <Status of={data.status} />, data.type, data.srs ?? '', figures.bytes(data.size), <Tags of={data.tags} />, figures.date(data.creation)]}
      details={(data, again) => <Details datastore={datastore} data={data} again={again} />}
      above={() => may(datastore, 'PROCESSING') && <Harvest datastore={datastore} />}
    />
  );
}
