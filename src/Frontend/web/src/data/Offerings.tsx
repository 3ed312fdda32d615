import type { Offering } from '../api/entities';
import { Status } from '../parts/Status';
import { Rows } from './Rows';

/** The offerings of a datastore: what is published, and where. */
export function Offerings({ datastore }: { datastore: string }) {
  return (
    <Rows<Offering>
      title="Offerings" path={`datastores/${datastore}/offerings`}
      none="Nothing is published."
      busy={offering => offering.status !== 'PUBLISHED'}
      columns={['Layer', 'Status', 'Type', 'Endpoint', 'See']}
      cells={offering => [
        offering.layer_name,
        <Status of={offering.status} />,
        offering.type,
        offering.endpoint?.name ?? '',
        offering.status === 'PUBLISHED' ? <a href={`map#layers=${encodeURIComponent(offering.layer_name)}`} aria-label={`Map of ${offering.layer_name}`}>Map</a> : '',
      ]}
    />
  );
}
