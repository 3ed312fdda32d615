// What /api/operations of a cluster tells: two silos that work, one that died, a frontend, one build.

let asked = 0;

const queue = (name, places, active, waiting) => ({ name, places, active, waiting });
const silo = (name, share, waiting) => ({
  name, role: 'silo', machine: 'machine-1', process: 100 + share, version: '1.0.0', started: '2026-07-24T00:00:00Z', silent_s: 1, cores: 8, processor_share: share / 100,
  memory_bytes: 2_100_000_000, memory_limit_bytes: 16_000_000_000, grains: [{ type: 'region', count: 8 }, { type: 'slabcache', count: 1200 }],
  queues: [queue('regions', 8, 8, waiting), queue('maps', 32, 0, 0)], caches: [{ name: 'slab caches', bytes: 100_000_000, limit_bytes: 536_870_912 }], tiles: null,
  slabs_per_s: 4.5, pixels_per_s: 60e6, points_per_s: 0, errors: [],
});

export function operations() {
  asked++;
  return {
    engine: 'orleans', time: new Date(Date.UTC(2026, 6, 24, 10, 0, asked)).toISOString(), dashboard: true,
    services: [{ service: 'wmts', title: 'WMTS', path: '/wmts', enabled: true, offered: true }, { service: 'wms', title: 'WMS', path: '/wms-r', enabled: false, offered: true }, { service: 'tms', title: 'TMS', path: '/tms', enabled: false, offered: false }],
    silos: [{ name: 'silo-1', address: 'S10.0.0.1:11111:1', status: 'Active' }, { name: 'silo-2', address: 'S10.0.0.2:11111:1', status: 'Active' }, { name: 'silo-3', address: 'S10.0.0.3:11111:1', status: 'Dead' }],
    processes: [
      { ...silo('silo-1', 90, 3), errors: [{ time: '2026-07-24T09:59:00Z', level: 'warning', source: 'Grid.Grains.Pyramids.RegionGrain', message: 'Region 19|3|4 <b>attempt</b> 1 of 3', count: 2 }] },
      silo('silo-2', 80, 4),
      { ...silo('web-1', 10, 0), role: 'frontend', grains: [], queues: [queue('tile reads', 256, 2, 0)], caches: [], slabs_per_s: 0, pixels_per_s: 0, tiles: { per_s: 1200.4, hit_ratio: 0.975, p50_s: 0.00004, p99_s: 0.0021 } },
    ],
    builds: [{ execution: '7e1d0c7a-0000-4000-8000-00000000000a', name: 'vexin-2025', datastore: 'Demo', status: 'PROGRESS', fraction: 0.42, part: 'slabs', parts_done: 420, parts_total: 1000, rate: 120.4, rate_unit: 'Mpix/s', time_left_s: 95, failures: 0 },
      { execution: '7e1d0c7a-0000-4000-8000-00000000000b', name: 'lidar-2025', datastore: 'Demo', status: 'PROGRESS', fraction: 0.25, part: 'files', parts_done: 3, parts_total: 12, rate: 5.25, rate_unit: 'Mpoints/s', time_left_s: 600, failures: 0 }],
  };
}
