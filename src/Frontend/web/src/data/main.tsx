import { render } from 'preact';
import { InDatastore } from '../parts/Datastores';
import { ForProducers, mountSession } from '../parts/Session';
import '../styles/base.css';
import '../styles/data.css';
import { Offerings } from './Offerings';
import { StoredData } from './StoredData';
import { Uploads } from './Uploads';

mountSession();
render(
  <ForProducers>
    <InDatastore>
      {datastore => (
        <div key={datastore.id}>
          <Uploads datastore={datastore.id} />
          <StoredData datastore={datastore.id} />
          <Offerings datastore={datastore.id} />
        </div>
      )}
    </InDatastore>
  </ForProducers>,
  document.getElementById('app')!,
);
