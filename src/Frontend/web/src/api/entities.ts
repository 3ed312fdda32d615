// The Entrepôt's entities, as far as the pages show them.

export interface Named {
  _id: string;
  name: string;
}

export interface User {
  _id: string;
  communities_member?: { rights: string[]; community: Named & { technical_name: string; datastore?: string } }[];
}

export interface Datastore extends Named {
  technical_name: string;
  endpoints?: { use: number; quota: number; endpoint: Named & { type: string; open: boolean } }[];
  configuration_layer_name_prefix?: string;
}

export interface Upload extends Named {
  description?: string;
  type: string;
  status: string;
  srs?: string;
  size?: number;
  creation?: string;
  tags?: Record<string, string>;
}

export interface TreeNode {
  type: string;
  name: string;
  size: number;
  children?: TreeNode[];
}

export interface CheckSummary {
  _id: string;
  check: Named;
}

export interface UploadChecks {
  asked: CheckSummary[];
  in_progress: CheckSummary[];
  passed: CheckSummary[];
  failed: CheckSummary[];
}

export interface StoredData extends Named {
  type: string;
  status: string;
  srs?: string;
  size?: number;
  creation?: string;
  tags?: Record<string, string>;
  type_infos?: { tms?: string; levels?: string[]; compression?: string; channels_number?: number; channels_format?: string; files?: number; points?: number };
}

export interface Execution {
  _id: string;
  processing: Named;
  status: string;
  creation?: string;
  launch?: string;
  start?: string;
  finish?: string;
  inputs?: { upload?: Named[]; stored_data?: Named[] };
  output?: { stored_data?: Named & { status?: string }; upload?: Named };
  parameters?: Record<string, unknown>;
}

export interface Parameter {
  name: string;
  description: string;
  mandatory: boolean;
  default_value?: unknown;
  /** A JSON schema. */
  constraints: { type: string; enum?: string[]; minimum?: number; maximum?: number; maxLength?: number; items?: { type: string } };
}

export interface Processing extends Named {
  input_types: { upload: string[]; stored_data: string[] };
  parameters?: Parameter[];
}

export interface LevelProgress {
  level: string;
  slabs_done: number;
  slabs_total: number;
  min_col: number;
  min_row: number;
  max_col: number;
  max_row: number;
}

export interface BuildProgress {
  status: string;
  fraction: number;
  part: 'slabs' | 'files' | 'tiles';
  parts_done: number;
  parts_total: number;
  rate: number;
  rate_unit: string;
  slabs_done?: number;
  tiles?: number;
  points?: number;
  input_pixels?: number;
  time_left_s: number | null;
  levels: LevelProgress[];
  failures: string[];
}

/** A page of the journal of finished slabs: level, column, row, tiles, bytes. */
export interface FinishedSlabs {
  slabs: [string, number, number, number, number][];
  next: number;
}

export interface Configuration extends Named {
  type: string;
  type_infos?: { used_data?: { stored_data: string }[] };
  layer_name: string;
  status: string;
}

export interface Offering {
  _id: string;
  type: string;
  layer_name: string;
  status: string;
  open: boolean;
  available?: boolean;
  configuration?: Named;
  endpoint?: Named;
  urls?: { type: string; url: string }[];
}

export const isFinal = (status: string): boolean => ['SUCCESS', 'FAILURE', 'ABORTED'].includes(status);
