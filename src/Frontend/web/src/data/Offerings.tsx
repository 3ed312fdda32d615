import { put, remove } from '../api/client';
import type { Offering } from '../api/entities';
import { Act } from '../parts/Act';
import { Status } from '../parts/Status';
import { may, type DatastoreChoice } from '../parts/useDatastore';
import { layerUrl } from './layers';
import { Rows } from './Rows';

const seen: Record<string, string> = { DOWNLOAD: 'Files', 'WMS-RASTER': 'Capabilities' };

function Details({ datastore, offering, again }: { datastore: DatastoreChoice; offering: Offering; again(): void }) {
  const path = `datastores/${datastore.id}/offerings/${offering._id}`;
  const { layer_name: name } = offering;
  return (
    <div class="details">
      <section>
        <h3>Addresses</h3>
        <dl class="addresses">{offering.urls?.map(({ type, url }) => <div key={type}><dt>{type}</dt><dd><a href={url}><code>{url}</code></a></dd></div>)}</dl>
        <p class="quiet">In QGIS: add a WMS/WMTS layer, and give it this address.</p>
      </section>
      {may(datastore, 'BROADCAST') && (
        <section>
          <h3>Publication</h3>
          <p class="acts">
            <Act act={() => put(path)} onDone={again} label={`Synchronise ${name}`}>Synchronise</Act>
            <Act look="danger" act={() => remove(path)} onDone={again} confirm={`Unpublish ${name}? Who uses it gets nothing any more.`} label={`Unpublish ${name}`}>Unpublish</Act>
          </p>
          <p class="quiet">Synchronising shows the present version of its data.</p>
        </section>
      )}
    </div>
  );
}

/** The offerings of a datastore: what is published, and where. */
export function Offerings({ datastore }: { datastore: DatastoreChoice }) {
  return (
    <Rows<Offering>
      title="Offerings" path={`datastores/${datastore.id}/offerings`}
      none="Nothing is published. Stored data are published above, in their row."
      busy={offering => offering.status !== 'PUBLISHED'}
      columns={['Layer', 'Status', 'Type', 'Endpoint', 'See']}
      cells={offering => [
        offering.layer_name,
        <Status of={offering.status} />,
        offering.type,
        offering.endpoint?.name ?? '',
        offering.status === 'PUBLISHED'
          ? <a href={layerUrl(offering.type, offering.layer_name)} aria-label={`${seen[offering.type] ?? 'Map'} of ${offering.layer_name}`}>{seen[offering.type] ?? 'Map'}</a> : '',
      ]}
      details={(offering, again) => <Details datastore={datastore} offering={offering} again={again} />}
    />
  );
}
