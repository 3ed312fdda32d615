import { render } from 'preact';
import { Sendings } from '../deliver/Sendings';
import { InDatastore } from '../parts/Datastores';
import { ForProducers, mountSession } from '../parts/Session';
import '../styles/base.css';
import '../styles/data.css';
import { Offerings } from './Offerings';
import { StoredData } from './StoredData';
import { Uploads } from './Uploads';

mountSession();
render(
  <>
    <Sendings />
    <ForProducers>
      <InDatastore>
        {datastore => (
          <div key={datastore.id}>
            <Uploads datastore={datastore} />
            <StoredData datastore={datastore} />
            <Offerings datastore={datastore} />
          </div>
        )}
      </InDatastore>
    </ForProducers>
  </>,
  document.getElementById('app')!,
);
