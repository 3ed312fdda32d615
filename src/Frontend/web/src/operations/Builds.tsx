import * as figures from '../parts/figures';
import { Status } from '../parts/Status';
import type { RunningBuild } from './entities';

/** The builds under way, with progress, rate and time left. */
export function Builds({ builds }: { builds: RunningBuild[] }) {
  return (
    <section class="card" aria-labelledby="builds-title">
      <h2 id="builds-title">Running builds</h2>
      {builds.length === 0 ? <p class="quiet">No build is running.</p> : (
        <div class="table-box" tabIndex={0} role="region" aria-labelledby="builds-title">
          <table>
            <thead>
              <tr><th scope="col">Build</th><th scope="col">Datastore</th><th scope="col">Status</th><th scope="col">Done</th><th scope="col" class="number">Parts</th><th scope="col" class="number">Rate</th><th scope="col" class="number">Time left</th></tr>
            </thead>
            <tbody>
              {builds.map(build => (
                <tr key={build.execution}>
                  <th scope="row"><a href={`builds#${build.execution}`}>{build.name}</a></th>
                  <td>{build.datastore}</td>
                  <td><Status of={build.status} />{build.failures > 0 && <span class="error"> {build.failures} failures</span>}</td>
                  <td class="share">
                    {build.fraction == null ? <span class="quiet">no answer yet</span> : <>
                      <progress max={1} value={build.fraction} aria-label={`Share of ${build.name} done`} /> {(build.fraction * 100).toFixed(1)} %
                    </>}
                  </td>
                  <td class="number">{build.parts_total ? `${figures.count(build.parts_done ?? 0)} of ${figures.count(build.parts_total)} ${build.part}` : '–'}</td>
                  <td class="number">{build.rate ? `${build.rate.toFixed(1)} ${build.rate_unit}` : '–'}</td>
                  <td class="number">{build.time_left_s == null ? 'not known yet' : figures.duration(build.time_left_s)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
