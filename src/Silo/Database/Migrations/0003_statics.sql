-- Files that configurations refer to: styles.
create table catalogue.static (
  id uuid primary key,
  datastore uuid not null,
  name text not null,
  type text not null,
  -- The file in catalogue.style_document.
  digest text not null,
  doc jsonb not null default '{}',
  creation timestamptz not null default now(),
  update timestamptz not null default now(),
  unique (datastore, name)
);

-- Style files by the SHA-256 of their bytes. They never change nor go: published layers keep showing the file that they were published with.
create table catalogue.style_document (
  digest text primary key,
  file bytea not null
);
