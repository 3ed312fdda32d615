-- Stored data that other datastores may read: list, show, take as the input of a processing.
create table catalogue.sharing (
  stored_data uuid not null references catalogue.stored_data (id) on delete cascade,
  datastore uuid not null references catalogue.datastore (id) on delete cascade,
  creation timestamptz not null default now(),
  primary key (stored_data, datastore)
);
create index on catalogue.sharing (datastore);
