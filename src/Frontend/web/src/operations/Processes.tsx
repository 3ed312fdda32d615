import * as figures from '../parts/figures';
import type { Operations, Process } from './entities';

// A process reports each second while somebody looks, and each ten seconds else.
const silence = 25;

interface Row {
  name: string;
  status: string;
  address: string;
  process: Process | null;
}

// Silos that the cluster knows, with their reports; then the processes that are no silos.
function rows({ silos, processes }: Operations): Row[] {
  const known = silos.map(silo => ({ ...silo, process: silo.status === 'Dead' ? null : processes.find(process => process.name === silo.name) ?? null }));
  const others = processes.filter(process => !silos.some(silo => silo.name === process.name));
  return [...known, ...others.map(process => ({ name: process.name, status: '', address: process.machine, process }))];
}

function state(row: Row): [string, string] {
  if (row.process && row.process.silent_s > silence) return [`silent for ${figures.duration(row.process.silent_s)}`, 'bad'];
  if (row.status === 'Dead') return ['dead', 'bad'];
  if (row.status && row.status !== 'Active') return [row.status.toLowerCase(), 'busy'];
  return ['active', 'good'];
}

function Grains({ of: process }: { of: Process }) {
  const all = process.grains.reduce((sum, grain) => sum + grain.count, 0);
  if (process.role === 'frontend') return <>–</>;
  return (
    <details>
      <summary>{figures.count(all)}<span class="hidden"> grains of {process.name}, by type</span></summary>
      <ul class="grains">{process.grains.map(grain => <li key={grain.type}>{grain.type} <b>{figures.count(grain.count)}</b></li>)}</ul>
    </details>
  );
}

/** Silos and frontends: what they are, and how much of their machines they use. */
export function Processes({ operations }: { operations: Operations }) {
  return (
    <section class="card" aria-labelledby="processes-title">
      <h2 id="processes-title">Silos and frontends</h2>
      <div class="table-box" tabIndex={0} role="region" aria-labelledby="processes-title">
        <table>
          <thead>
            <tr>
              <th scope="col">Name</th><th scope="col">State</th><th scope="col">Role</th><th scope="col" class="number">Cores</th><th scope="col" class="number">Processor</th>
              <th scope="col" class="number">Memory</th><th scope="col" class="number">Slabs/s</th><th scope="col" class="number">Points/s</th><th scope="col" class="number">Tiles/s</th><th scope="col" class="number">Grains</th>
            </tr>
          </thead>
          <tbody>
            {rows(operations).map(row => {
              const [text, tone] = state(row);
              const process = row.process;
              return (
                <tr key={`${row.name} ${row.address}`}>
                  <th scope="row">{row.name}<br /><small class="quiet">{row.address}</small></th>
                  <td><span class={`status ${tone}`}>{text}</span></td>
                  {process ? <>
                    <td>{process.role}<br /><small class="quiet">since {figures.date(process.started)}</small></td>
                    <td class="number">{process.cores}</td>
                    <td class="number">{(process.processor_share * 100).toFixed(0)} %</td>
                    <td class="number">{figures.bytes(process.memory_bytes)}<br /><small class="quiet">of {figures.bytes(process.memory_limit_bytes)}</small></td>
                    <td class="number">{process.role === 'frontend' ? '–' : process.slabs_per_s.toFixed(1)}</td>
                    <td class="number">{process.role === 'frontend' ? '–' : figures.count(Math.round(process.points_per_s))}</td>
                    <td class="number">{process.tiles ? figures.count(Math.round(process.tiles.per_s)) : '–'}</td>
                    <td class="number"><Grains of={process} /></td>
                  </> : <td colSpan={8} class="quiet">No report yet.</td>}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
