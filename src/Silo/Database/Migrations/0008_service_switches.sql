-- Public services that an administrator has switched off.
create table catalogue.service_switch (
  service text primary key,
  enabled boolean not null,
  changed timestamptz not null default now(),
  account text
);
