-- What Orleans' AdoNet providers read and write: members of clusters, grain states and reminders. The providers take every statement from
-- the table they find as "OrleansQuery" on their search path, and know of the tables below only what these statements return.
create schema orleans;

create table orleans.OrleansQuery (
  QueryKey text primary key,
  QueryText text not null
);

-- Silos of a cluster. Each change of a member raises the cluster's version by one, from the version that the writer has seen.
create table orleans.cluster (
  id text primary key,
  version int not null default 0
);
create table orleans.member (
  cluster text not null references orleans.cluster on delete cascade,
  address text not null,
  port int not null,
  generation int not null,
  name text not null,
  host text not null,
  gateway_port int not null,
  -- Orleans.Runtime.SiloStatus: 1 created, 2 joining, 3 active, 4 shutting down, 5 stopping, 6 dead.
  status int not null,
  suspicions text,
  started timestamptz not null,
  alive timestamptz not null,
  primary key (cluster, address, port, generation)
);

-- States and reminders are those of the embedded engine, in the same rows: a grid that outgrows one process keeps them.
-- Orleans finds reminders by a hash of the grain's id; the embedded engine writes none, and a cluster fills it in at its start.
alter table grains.reminder add column hash int;
create index on grains.reminder (hash);

-- A grain's key as text. Orleans takes keys that look like numbers or UUIDs apart, into two numbers and what follows them.
create function orleans.grain_key(n0 bigint, n1 bigint, extension text) returns text language sql immutable as $$
  select case when n0 = 0 and n1 = 0 and extension is not null then extension else concat_ws('+', n0 || ':' || n1, extension) end
$$;

insert into orleans.OrleansQuery (QueryKey, QueryText) values
('GatewaysQueryKey', $$
  select address as "Address", gateway_port as "ProxyPort", generation as "Generation"
  from orleans.member where cluster = @DeploymentId and status = @Status and gateway_port > 0
$$),
('MembershipReadRowKey', $$
  select m.address as "Address", m.port as "Port", m.generation as "Generation", m.name as "SiloName", m.host as "HostName",
    m.status as "Status", m.gateway_port as "ProxyPort", m.suspicions as "SuspectTimes", m.started as "StartTime",
    m.alive as "IAmAliveTime", c.version as "Version"
  from orleans.cluster c
  left join orleans.member m on m.cluster = c.id and m.address = @Address and m.port = @Port and m.generation = @Generation
  where c.id = @DeploymentId
$$),
('MembershipReadAllKey', $$
  select m.address as "Address", m.port as "Port", m.generation as "Generation", m.name as "SiloName", m.host as "HostName",
    m.status as "Status", m.gateway_port as "ProxyPort", m.suspicions as "SuspectTimes", m.started as "StartTime",
    m.alive as "IAmAliveTime", c.version as "Version"
  from orleans.cluster c left join orleans.member m on m.cluster = c.id
  where c.id = @DeploymentId
$$),
('InsertMembershipVersionKey', $$
  with made as (insert into orleans.cluster (id) values (@DeploymentId) on conflict do nothing returning 1)
  select exists (select from made)
$$),
('UpdateIAmAlivetimeKey', $$
  update orleans.member set alive = @IAmAliveTime
  where cluster = @DeploymentId and address = @Address and port = @Port and generation = @Generation
$$),
-- The version is raised by whoever saw the last one: of two silos that write at once, one is told to read again.
('InsertMembershipKey', $$
  with raised as (
    update orleans.cluster set version = version + 1
    where id = @DeploymentId and version = @Version and not exists (
      select from orleans.member where cluster = @DeploymentId and address = @Address and port = @Port and generation = @Generation)
    returning id),
  written as (
    insert into orleans.member (cluster, address, port, generation, name, host, gateway_port, status, started, alive)
    select id, @Address, @Port, @Generation, @SiloName, @HostName, @ProxyPort, @Status, @StartTime, @IAmAliveTime from raised
    returning 1)
  select exists (select from written)
$$),
('UpdateMembershipKey', $$
  with raised as (
    update orleans.cluster set version = version + 1 where id = @DeploymentId and version = @Version returning id),
  written as (
    update orleans.member m set status = @Status, suspicions = @SuspectTimes, alive = @IAmAliveTime
    from raised where m.cluster = raised.id and m.address = @Address and m.port = @Port and m.generation = @Generation
    returning 1)
  select exists (select from written)
$$),
('DeleteMembershipTableEntriesKey', $$
  delete from orleans.cluster where id = @DeploymentId
$$),
('CleanupDefunctSiloEntriesKey', $$
  delete from orleans.member where cluster = @DeploymentId and status = 6 and alive < @IAmAliveTime
$$),
('ReadFromStorageKey', $$
  select convert_to(state::text, 'UTF8') as "PayloadBinary", etag::int as "Version"
  from grains.state
  where type = @GrainTypeString and key = orleans.grain_key(@GrainIdN0, @GrainIdN1, @GrainIdExtensionString)
$$),
-- One row always: without a version it is a conflict to the provider.
('WriteToStorageKey', $$
  with made as (
    insert into grains.state (type, key, etag, state)
    select @GrainTypeString, orleans.grain_key(@GrainIdN0, @GrainIdN1, @GrainIdExtensionString), 1, convert_from(@PayloadBinary, 'UTF8')::jsonb
    where @GrainStateVersion is null
    on conflict do nothing returning etag),
  changed as (
    update grains.state set etag = etag + 1, state = convert_from(@PayloadBinary, 'UTF8')::jsonb
    where type = @GrainTypeString and key = orleans.grain_key(@GrainIdN0, @GrainIdN1, @GrainIdExtensionString) and etag = @GrainStateVersion
    returning etag)
  select (select etag from made union all select etag from changed)::int as "NewGrainStateVersion"
$$),
-- The provider wants both, and uses the second: a cleared state is a row less. No row in the answer says that the version was another.
('ClearStorageKey', $$
  delete from grains.state
  where type = @GrainTypeString and key = orleans.grain_key(@GrainIdN0, @GrainIdN1, @GrainIdExtensionString) and etag = @GrainStateVersion
  returning etag::int + 1
$$),
('DeleteStorageKey', $$
  delete from grains.state
  where type = @GrainTypeString and key = orleans.grain_key(@GrainIdN0, @GrainIdN1, @GrainIdExtensionString) and etag = @GrainStateVersion
  returning etag::int + 1
$$),
('ReadReminderRowsKey', $$
  select type || '/' || key as "GrainId", name as "ReminderName", start as "StartTime",
    (extract(epoch from period) * 1000)::bigint as "Period", etag::int as "Version"
  from grains.reminder where type || '/' || key = @GrainId
$$),
('ReadReminderRowKey', $$
  select type || '/' || key as "GrainId", name as "ReminderName", start as "StartTime",
    (extract(epoch from period) * 1000)::bigint as "Period", etag::int as "Version"
  from grains.reminder where type || '/' || key = @GrainId and name = @ReminderName
$$),
('ReadRangeRows1Key', $$
  select type || '/' || key as "GrainId", name as "ReminderName", start as "StartTime",
    (extract(epoch from period) * 1000)::bigint as "Period", etag::int as "Version"
  from grains.reminder where hash > @BeginHash and hash <= @EndHash
$$),
-- A range that goes over the end of the ring.
('ReadRangeRows2Key', $$
  select type || '/' || key as "GrainId", name as "ReminderName", start as "StartTime",
    (extract(epoch from period) * 1000)::bigint as "Period", etag::int as "Version"
  from grains.reminder where hash > @BeginHash or hash <= @EndHash
$$),
('UpsertReminderRowKey', $$
  insert into grains.reminder (type, key, name, start, period, etag, hash)
  values (split_part(@GrainId, '/', 1), substr(@GrainId, strpos(@GrainId, '/') + 1), @ReminderName, @StartTime,
    @Period * interval '1 millisecond', 1, @GrainHash)
  on conflict (type, key, name) do update
  set start = excluded.start, period = excluded.period, hash = excluded.hash, etag = grains.reminder.etag + 1
  returning etag::int as "Version"
$$),
('DeleteReminderRowKey', $$
  with gone as (
    delete from grains.reminder where type || '/' || key = @GrainId and name = @ReminderName and etag = @Version returning 1)
  select exists (select from gone)
$$),
('DeleteReminderRowsKey', $$
  delete from grains.reminder
$$);
create index on grains.reminder ((type || '/' || key));
