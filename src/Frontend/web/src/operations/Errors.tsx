import * as figures from '../parts/figures';
import type { Process } from './entities';

const shown = 30;

/** The last warnings and errors of all processes, newest first. */
export function Errors({ processes }: { processes: Process[] }) {
  const errors = processes
    .flatMap(process => process.errors.map(error => ({ ...error, process: process.name })))
    .sort((one, other) => other.time.localeCompare(one.time))
    .slice(0, shown);
  return (
    <section class="card" aria-labelledby="errors-title">
      <h2 id="errors-title">Last warnings and errors</h2>
      {errors.length === 0 ? <p class="quiet">None since the processes began.</p> : (
        <div class="table-box" tabIndex={0} role="region" aria-labelledby="errors-title">
          <table class="errors">
            <thead><tr><th scope="col">Last at</th><th scope="col">Level</th><th scope="col">Process</th><th scope="col">What</th><th scope="col" class="number">Times</th></tr></thead>
            <tbody>
              {errors.map(error => (
                <tr key={`${error.process} ${error.source} ${error.message}`}>
                  <td class="nowrap"><time dateTime={error.time}>{figures.date(error.time)}</time></td>
                  <td><span class={`status ${error.level === 'warning' ? 'busy' : 'bad'}`}>{error.level}</span></td>
                  <td>{error.process}</td>
                  <td class="message">{error.message}<br /><small class="quiet">{error.source}</small></td>
                  <td class="number">{figures.count(error.count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
