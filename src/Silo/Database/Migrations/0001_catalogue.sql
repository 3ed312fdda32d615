-- The Entrepôt's entities. One row an entity, written only by its grain: "doc" is the entity as the REST API shows it (without the
-- columns beside it), the other columns are what lists filter and sort by.
create schema if not exists catalogue;

create table catalogue.account (
  id uuid primary key,
  login text not null unique,
  doc jsonb not null,
  creation timestamptz not null default now(),
  update timestamptz not null default now()
);

create table catalogue.community (
  id uuid primary key,
  technical_name text not null unique,
  name text not null,
  doc jsonb not null,
  creation timestamptz not null default now(),
  update timestamptz not null default now()
);

create table catalogue.membership (
  community uuid not null references catalogue.community on delete cascade,
  account uuid not null references catalogue.account on delete cascade,
  rights text[] not null,
  creation timestamptz not null default now(),
  update timestamptz not null default now(),
  primary key (community, account)
);

create table catalogue.datastore (
  id uuid primary key,
  community uuid not null references catalogue.community,
  active boolean not null default true,
  doc jsonb not null,
  creation timestamptz not null default now(),
  update timestamptz not null default now()
);

create table catalogue.endpoint (
  id uuid primary key,
  type text not null,
  open boolean not null,
  name text not null,
  technical_name text not null unique,
  doc jsonb not null,
  creation timestamptz not null default now(),
  update timestamptz not null default now()
);

create table catalogue.upload (
  id uuid primary key,
  datastore uuid not null,
  name text not null,
  type text not null,
  status text not null,
  srs text,
  size bigint not null default 0,
  tags jsonb not null default '{}',
  doc jsonb not null default '{}',
  creation timestamptz not null default now(),
  update timestamptz not null default now(),
  last_event timestamptz not null default now()
);
create index on catalogue.upload (datastore, last_event desc);

-- Files of uploads, so that a tree is one query and an upload's grain state stays small.
create table catalogue.upload_file (
  upload uuid not null,
  path text not null,
  kind text not null check (kind in ('data', 'md5')),
  size bigint not null,
  delivered timestamptz not null default now(),
  etag text not null,
  md5 text not null,
  primary key (upload, kind, path)
);

create table catalogue.check_execution (
  id uuid primary key,
  datastore uuid not null,
  upload uuid not null,
  check_id uuid not null,
  status text not null,
  start timestamptz,
  finish timestamptz,
  doc jsonb not null default '{}',
  creation timestamptz not null default now(),
  update timestamptz not null default now()
);
create index on catalogue.check_execution (upload);

create table catalogue.processing_execution (
  id uuid primary key,
  datastore uuid not null,
  processing uuid not null,
  status text not null,
  input_uploads uuid[] not null default '{}',
  input_stored_data uuid[] not null default '{}',
  output_upload uuid,
  output_stored_data uuid,
  launch timestamptz,
  start timestamptz,
  finish timestamptz,
  doc jsonb not null default '{}',
  creation timestamptz not null default now(),
  update timestamptz not null default now()
);
create index on catalogue.processing_execution (datastore, creation desc);
create index on catalogue.processing_execution (output_stored_data);

create table catalogue.stored_data (
  id uuid primary key,
  datastore uuid not null,
  name text not null,
  type text not null,
  status text not null,
  srs text,
  storage_type text not null,
  size bigint not null default 0,
  tags jsonb not null default '{}',
  doc jsonb not null default '{}',
  creation timestamptz not null default now(),
  update timestamptz not null default now(),
  last_event timestamptz not null default now()
);
create index on catalogue.stored_data (datastore, last_event desc);

create table catalogue.configuration (
  id uuid primary key,
  datastore uuid not null,
  name text not null,
  layer_name text not null,
  type text not null,
  status text not null,
  used_data uuid[] not null default '{}',
  tags jsonb not null default '{}',
  doc jsonb not null default '{}',
  creation timestamptz not null default now(),
  update timestamptz not null default now(),
  last_event timestamptz not null default now(),
  unique (type, layer_name)
);
create index on catalogue.configuration (datastore, last_event desc);

create table catalogue.offering (
  id uuid primary key,
  datastore uuid not null,
  configuration uuid not null references catalogue.configuration,
  endpoint uuid not null,
  layer_name text not null,
  type text not null,
  status text not null,
  open boolean not null default true,
  available boolean not null default true,
  doc jsonb not null default '{}',
  creation timestamptz not null default now(),
  update timestamptz not null default now()
);
create index on catalogue.offering (datastore);

-- What the frontends serve. Publishing writes one row in one statement and notifies; "version" grows with each change of any row.
create sequence catalogue.published_layer_version;
create table catalogue.published_layer (
  offering uuid primary key,
  type text not null,
  layer_name text not null,
  version bigint not null,
  doc jsonb not null,
  unique (type, layer_name)
);

create table catalogue.event (
  id bigint generated always as identity primary key,
  entity uuid not null,
  doc jsonb not null,
  date timestamptz not null default now()
);
create index on catalogue.event (entity, id desc);

create table catalogue.comment (
  id uuid primary key,
  entity uuid not null,
  text text not null,
  author uuid not null,
  creation timestamptz not null default now(),
  update timestamptz not null default now()
);
create index on catalogue.comment (entity, creation);

-- Comments as the REST API shows them.
create view catalogue.comment_with_author as
select c.id, c.entity, c.text, c.creation, c.update,
  jsonb_build_object('_id', c.author, 'first_name', a.doc->'first_name', 'last_name', a.doc->'last_name') as author
from catalogue.comment c left join catalogue.account a on a.id = c.author;

-- Logs of checks and processings, one row a line.
create table catalogue.log_line (
  execution uuid not null,
  line int not null,
  text text not null,
  primary key (execution, line)
);

-- Grain state and reminders of the embedded engine. A cluster of silos uses the tables of Orleans' own providers instead.
create schema if not exists grains;
create table grains.state (
  type text not null,
  key text not null,
  etag bigint not null,
  state jsonb not null,
  primary key (type, key)
);
create table grains.reminder (
  type text not null,
  key text not null,
  name text not null,
  start timestamptz not null,
  period interval not null,
  etag bigint not null,
  primary key (type, key, name)
);
