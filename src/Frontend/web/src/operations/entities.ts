// What /api/operations tells.

export interface Silo {
  name: string;
  address: string;
  status: string;
}

export interface Queue {
  name: string;
  places: number;
  active: number;
  waiting: number;
}

export interface Failure {
  time: string;
  level: string;
  source: string;
  message: string;
  count: number;
}

export interface Process {
  name: string;
  role: string;
  machine: string;
  process: number;
  version: string;
  started: string;
  silent_s: number;
  cores: number;
  processor_share: number;
  memory_bytes: number;
  memory_limit_bytes: number;
  grains: { type: string; count: number }[];
  queues: Queue[];
  caches: { name: string; bytes: number; limit_bytes: number }[];
  tiles: { per_s: number; hit_ratio: number | null; p50_s: number | null; p99_s: number | null } | null;
  slabs_per_s: number;
  pixels_per_s: number;
  points_per_s: number;
  errors: Failure[];
}

export interface RunningBuild {
  execution: string;
  name: string;
  datastore: string;
  status: string;
  fraction: number | null;
  part: 'slabs' | 'files' | 'tiles' | null;
  parts_done: number | null;
  parts_total: number | null;
  rate: number | null;
  rate_unit: string | null;
  time_left_s: number | null;
  failures: number;
}

export interface Service {
  service: string;
  title: string;
  path: string;
  enabled: boolean;
  offered: boolean;
}

export interface Operations {
  engine: string;
  time: string;
  dashboard: boolean;
  services?: Service[];
  silos: Silo[];
  processes: Process[];
  builds: RunningBuild[];
}
