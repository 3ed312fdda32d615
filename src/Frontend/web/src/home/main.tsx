import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { readCapabilities, type PublishedLayer } from '../map/capabilities';
import { mountSession } from '../parts/Session';
import '../styles/base.css';
import '../styles/home.css';

const services = [
  ['WMTS 1.0.0', 'wmts?SERVICE=WMTS&REQUEST=GetCapabilities', 'Capabilities; KVP and RESTful tiles'],
  ['WMS 1.3.0', 'wms-r?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetCapabilities', 'Capabilities; maps in every projection'],
  ['OGC API', 'ogcapi', 'Tiles and maps, for browsers and programs'],
  ['TMS 1.0.0', 'tms/1.0.0', 'Service document; rows count from the top'],
  ['3D Tiles 1.1', '3dtiles', 'Point clouds, for CesiumJS and iTowns'],
  ['Downloads', 'telechargement/capabilities', 'Files of LiDAR and of terrain models, as feeds'],
  ['Entrepôt API', 'api/swagger-ui/index.html', 'Deposit, process and publish'],
  ['Health', 'health/ready', 'Answers when the grid is ready'],
] as const;

function Layers({ layers, error }: { layers: PublishedLayer[] | null; error: string }) {
  if (error) return <p class="error" role="alert">{error}</p>;
  if (!layers) return <p class="quiet">Reading the capabilities…</p>;
  if (layers.length === 0) return <p>No layer is published yet. <a href="data">Deliver a lot</a> here, or with <code>./grid deliver FOLDER --name NAME</code>.</p>;
  return (
    <ul class="layers">
      {layers.map(layer => (
        <li key={layer.name}>
          <a href={`map#layers=${encodeURIComponent(layer.name)}`}>{layer.title}</a>
          <small>{layer.name} · {layer.matrixSet} · {layer.format}</small>
        </li>
      ))}
    </ul>
  );
}

function Home() {
  const [layers, setLayers] = useState<PublishedLayer[] | null>(null);
  const [error, setError] = useState('');
  useEffect(() => {
    readCapabilities().then(service => setLayers(service.layers)).catch((failure: Error) => setError(failure.message));
  }, []);
  return (
    <>
      <div class="tiles">
        <section class="card"><h2>Map</h2><p>The published layers, each in its own projection.</p><a href="map">Open the map</a></section>
        <section class="card"><h2>Builds</h2><p>Pyramids, point clouds and models being built, and those that were.</p><a href="builds">Follow the builds</a></section>
        <section class="card"><h2>Data</h2><p>Deliver files, watch their checks, process and publish them.</p><a href="data">Work on the data</a></section>
      </div>
      <section class="card"><h2>Published layers</h2><Layers layers={layers} error={error} /></section>
      <section class="card">
        <h2>Services</h2>
        <table class="addresses"><tbody>
          {services.map(([name, path, what]) => <tr key={name}><td>{name}</td><td><a href={path}>{`/${path.split('?')[0]}`}</a></td><td class="quiet">{what}</td></tr>)}
        </tbody></table>
      </section>
    </>
  );
}

mountSession();
render(<Home />, document.getElementById('app')!);
