import { render } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { get, post } from '../api/client';
import * as figures from '../parts/figures';
import { ForProducers, mountSession } from '../parts/Session';
import { usePolling } from '../parts/usePolling';
import '../styles/base.css';
import '../styles/builds.css';
import '../styles/operations.css';
import { Builds } from './Builds';
import type { Operations as Told } from './entities';
import { Errors } from './Errors';
import { Processes } from './Processes';
import { Queues } from './Queues';
import { Services } from './Services';

const sum = (values: number[]) => values.reduce((all, value) => all + value, 0);
const milliseconds = (seconds: number | null) => (seconds == null ? '–' : `${(seconds * 1000).toFixed(seconds < 0.01 ? 2 : 0)} ms`);

function Figure({ label, value }: { label: string; value: string }) {
  return <div><dt>{label}</dt><dd>{value}</dd></div>;
}

function Figures({ told }: { told: Told }) {
  const processes = told.processes;
  const served = processes.flatMap(process => (process.tiles ? [process.tiles] : []));
  const ratios = served.filter(tiles => tiles.hit_ratio != null);
  const weight = sum(ratios.map(tiles => tiles.per_s));
  const hits = ratios.length === 0 ? null : weight > 0 ? sum(ratios.map(tiles => tiles.hit_ratio! * tiles.per_s)) / weight : ratios[0]!.hit_ratio;
  const slowest = served.reduce<number | null>((most, tiles) => (tiles.p99_s == null ? most : Math.max(most ?? 0, tiles.p99_s)), null);
  const points = sum(processes.map(process => process.points_per_s));
  return (
    <dl class="figures" aria-label="The grid as a whole">
      <Figure label="Engine" value={told.engine} />
      <Figure label="Silos active" value={`${told.silos.filter(silo => silo.status === 'Active').length}`} />
      <Figure label="Cores of silos" value={`${sum(processes.filter(process => process.role !== 'frontend').map(process => process.cores))}`} />
      <Figure label="Memory" value={figures.bytes(sum(processes.map(process => process.memory_bytes)))} />
      <Figure label="Slabs/s" value={sum(processes.map(process => process.slabs_per_s)).toFixed(1)} />
      <Figure label="Mpix/s" value={(sum(processes.map(process => process.pixels_per_s)) / 1e6).toFixed(1)} />
      {points > 0 && <Figure label="Points/s" value={figures.count(Math.round(points))} />}
      <Figure label="Tiles/s" value={figures.count(Math.round(sum(served.map(tiles => tiles.per_s))))} />
      <Figure label="Hit ratio" value={hits == null ? '–' : `${(hits * 100).toFixed(1)} %`} />
      <Figure label="Tiles, p99" value={milliseconds(slowest)} />
      <Figure label="Waiting" value={figures.count(sum(processes.flatMap(process => process.queues.map(queue => queue.waiting))))} />
    </dl>
  );
}

// The dashboard's pages ask without a token, so its cookie is fetched first.
async function openDashboard(): Promise<void> {
  await post('operations/session');
  location.assign('dashboard/');
}

function Operations() {
  const [paused, setPaused] = useState(false);
  const [refusal, setRefusal] = useState('');
  // The polling keeps the closures of its beginning.
  const rests = useRef(false);
  const { value, error, again } = usePolling<Told>('operations', signal => get<Told>('operations', signal), () => (rests.current ? 0 : 2000));
  const pause = () => {
    rests.current = !paused;
    setPaused(!paused);
    if (paused) again();
  };
  if (!value) return error ? <p class="error" role="alert">{error}</p> : <p class="quiet">Loading…</p>;
  return (
    <>
      <div class="live">
        <p class="quiet">{paused ? 'Paused' : 'Live'}, as of <time dateTime={value.time}>{new Date(value.time).toLocaleTimeString('en-GB')}</time></p>
        <button type="button" class="plain" aria-pressed={paused} onClick={pause}>Pause</button>
        {value.dashboard && <button type="button" class="plain" onClick={() => openDashboard().catch((failure: Error) => setRefusal(failure.message))}>Orleans dashboard</button>}
      </div>
      <p class="error" role="alert">{refusal || error}</p>
      <Figures told={value} />
      <Builds builds={value.builds} />
      <Processes operations={value} />
      <Queues processes={value.processes} />
      {value.services && <Services services={value.services} changed={again} />}
      <Errors processes={value.processes} />
    </>
  );
}

mountSession();
render(<ForProducers><Operations /></ForProducers>, document.getElementById('app')!);
