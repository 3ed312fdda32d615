import * as figures from '../parts/figures';
import type { Process } from './entities';

/** Work that runs and waits in each process, and the bytes that it keeps. */
export function Queues({ processes }: { processes: Process[] }) {
  return (
    <div class="pair">
      <section class="card" aria-labelledby="queues-title">
        <h2 id="queues-title">Queues</h2>
        <table>
          <thead><tr><th scope="col">Work</th><th scope="col">Process</th><th scope="col" class="number">In hand</th><th scope="col" class="number">Places</th><th scope="col" class="number">Waiting</th></tr></thead>
          <tbody>
            {processes.flatMap(process => process.queues.map(queue => (
              <tr key={`${process.name} ${process.process} ${queue.name}`}>
                <th scope="row">{queue.name}</th><td>{process.name}</td>
                <td class="number">{queue.active}</td><td class="number">{queue.places}</td><td class="number">{figures.count(queue.waiting)}</td>
              </tr>
            )))}
          </tbody>
        </table>
      </section>
      <section class="card" aria-labelledby="caches-title">
        <h2 id="caches-title">Kept in memory</h2>
        <table>
          <thead><tr><th scope="col">What</th><th scope="col">Process</th><th scope="col" class="number">Bytes</th><th scope="col" class="number">At most</th></tr></thead>
          <tbody>
            {processes.flatMap(process => process.caches.map(cache => (
              <tr key={`${process.name} ${process.process} ${cache.name}`}>
                <th scope="row">{cache.name}</th><td>{process.name}</td>
                <td class="number">{figures.bytes(cache.bytes)}</td><td class="number">{figures.bytes(cache.limit_bytes)}</td>
              </tr>
            )))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
