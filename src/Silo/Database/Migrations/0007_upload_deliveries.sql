-- Bytes promised to files that are on their way, so that deliveries side by side do not pass a quota together.
create table catalogue.upload_delivery (
  ticket uuid primary key,
  upload uuid not null references catalogue.upload (id) on delete cascade,
  bytes bigint not null,
  begun timestamptz not null default now()
);
create index on catalogue.upload_delivery (upload);
