import { list } from '../api/client';
import type { Configuration, StoredData as Data } from '../api/entities';
import * as figures from '../parts/figures';
import { Status } from '../parts/Status';
import { usePolling } from '../parts/usePolling';
import { Publish } from './Publish';
import { Rows } from './Rows';
import { Tags } from './Tags';

function Details({ datastore, data, again }: { datastore: string; data: Data; again(): void }) {
  const uses = usePolling(
    data._id, signal => list<Configuration>(`datastores/${datastore}/configurations?stored_data=${data._id}`, signal), () => 0);
  const infos = data.type_infos ?? {};
  return (
    <div class="details">
      <section>
        <h3>Pyramid</h3>
        <p>
          {[infos.tms, infos.levels?.length ? `${infos.levels.length} levels` : '', infos.compression, infos.channels_number ? `${infos.channels_number} channels` : '', infos.channels_format]
            .filter(Boolean).join(' · ') || 'Not generated yet.'}
        </p>
        <p class="quiet"><code>{data._id}</code></p>
      </section>
      <section>
        <h3>Layers</h3>
        {uses.error && <p class="error">{uses.error}</p>}
        <ul>
          {uses.value?.items.map(use => (
            <li key={use._id}>
              {use.status === 'PUBLISHED' ? <a href={`map#layers=${encodeURIComponent(use.layer_name)}`}>{use.layer_name}</a> : use.layer_name} <Status of={use.status} />
            </li>
          ))}
        </ul>
        {uses.value?.total === 0 && data.status === 'GENERATED' && <Publish datastore={datastore} data={data} onDone={() => { uses.again(); again(); }} />}
      </section>
    </div>
  );
}

/** The stored data of a datastore. */
export function StoredData({ datastore }: { datastore: string }) {
  return (
    <Rows<Data>
      title="Stored data" path={`datastores/${datastore}/stored_data`} sort="last_event,desc"
      none="No stored data: a build makes it from an upload."
      busy={data => ['CREATED', 'GENERATING', 'MODIFYING'].includes(data.status)}
      columns={['Name', 'Status', 'Type', 'CRS', 'Size', 'Tags', 'Created']} numbers={[4]}
      cells={data => [data.name, <Status of={data.status} />, data.type, data.srs ?? '', figures.bytes(data.size), <Tags of={data.tags} />, figures.date(data.creation)]}
      details={(data, again) => <Details datastore={datastore} data={data} again={again} />}
    />
  );
}
