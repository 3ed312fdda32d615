using Grid.Interfaces.Uploads;
using Npgsql;

namespace Grid.Grains.Uploads;

/// <summary>A file of an upload as it was recorded.</summary>
public sealed record UploadFile(string Path, long SizeBytes, string ETag, string Md5);

/// <summary>The list of an upload's files, written by its grain.</summary>
public sealed class UploadFiles(NpgsqlDataSource database)
{
    /// <summary>The files of a kind, in ordinal order of paths.</summary>
    public async Task<IReadOnlyList<UploadFile>> ListAsync(Guid upload, FileKind kind, CancellationToken cancellation = default)
    {
        await using var command = Command(
            "select path, size, etag, md5 from catalogue.upload_file where upload = @upload and kind = @kind order by path collate \"C\"", upload, kind);
        return await ReadAsync(command, cancellation);
    }

    /// <summary>One file, or null.</summary>
    public async Task<UploadFile?> FindAsync(Guid upload, FileKind kind, string path, CancellationToken cancellation = default)
    {
        await using var command = Command(
            "select path, size, etag, md5 from catalogue.upload_file where upload = @upload and kind = @kind and path = @path", upload, kind, path);
        return (await ReadAsync(command, cancellation)).FirstOrDefault();
    }

    /// <summary>At most <paramref name="limit"/> files of any kind.</summary>
    public async Task<IReadOnlyList<(FileKind Kind, string Path)>> SomeAsync(Guid upload, int limit)
    {
        await using var command = database.CreateCommand("select kind, path from catalogue.upload_file where upload = @upload limit @limit");
        command.Parameters.AddWithValue("upload", upload);
        command.Parameters.AddWithValue("limit", limit);
        await using var reader = await command.ExecuteReaderAsync();
        var files = new List<(FileKind, string)>();
        while (await reader.ReadAsync())
            files.Add((reader.GetString(0) == "md5" ? FileKind.Md5 : FileKind.Data, reader.GetString(1)));
        return files;
    }

    /// <summary>A path that cannot be beside <paramref name="path"/>: a file where it needs a folder, or below it; null when there is none.</summary>
    public async Task<string?> FindClashAsync(Guid upload, FileKind kind, string path)
    {
        await using var command = Command(
            """
            select path from catalogue.upload_file
            where upload = @upload and kind = @kind and (path = any(@folders) or starts_with(path, @path || '/')) limit 1
            """, upload, kind, path);
        command.Parameters.AddWithValue("folders", UploadPath.Folders(path).ToArray());
        return await command.ExecuteScalarAsync() as string;
    }

    /// <summary>
    /// Promises a delivery its bytes, so that others of the datastore find that much less room, and tells how many it may bring: what the quota leaves it, the
    /// file that it replaces counted as gone. Promises nothing when that is nothing.
    /// </summary>
    /// <param name="bytes">What the delivery will take at most; 0 when nobody knows.</param>
    /// <param name="longest">Older promises are of deliveries that were never ended, and do not count.</param>
    public async Task<long> ReserveAsync(Guid datastore, Guid upload, FileKind kind, string path, Guid ticket, long bytes, TimeSpan longest)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var room = await RoomAsync(connection, datastore, upload, kind, path, longest);
        if (room > 0)
        {
            await using var command = new NpgsqlCommand(
                "insert into catalogue.upload_delivery (ticket, upload, bytes) values (@ticket, @upload, @bytes)", connection);
            command.Parameters.AddWithValue("ticket", ticket);
            command.Parameters.AddWithValue("upload", upload);
            command.Parameters.AddWithValue("bytes", Math.Min(Math.Max(bytes, 0), room));
            await command.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
        return room;
    }

    /// <summary>Takes a promise back.</summary>
    public async Task ReleaseAsync(Guid ticket)
    {
        await using var command = database.CreateCommand("delete from catalogue.upload_delivery where ticket = @ticket");
        command.Parameters.AddWithValue("ticket", ticket);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Takes all promises of an upload back.</summary>
    public async Task ReleaseAllAsync(Guid upload)
    {
        await using var command = database.CreateCommand("delete from catalogue.upload_delivery where upload = @upload");
        command.Parameters.AddWithValue("upload", upload);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Records a file, in place of the one of that path, and the upload's new size; false, with nothing recorded, when the quota leaves no room for it.</summary>
    public async Task<bool> TryPutAsync(Guid datastore, Guid upload, FileKind kind, string path, DeliveredFile file, Guid ticket, TimeSpan longest)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var release = new NpgsqlCommand("delete from catalogue.upload_delivery where ticket = @ticket", connection))
        {
            release.Parameters.AddWithValue("ticket", ticket);
            await release.ExecuteNonQueryAsync();
        }

        var fits = file.SizeBytes <= await RoomAsync(connection, datastore, upload, kind, path, longest);
        if (fits)
        {
            await using var command = new NpgsqlCommand(
                """
                with former as (select size from catalogue.upload_file where upload = @upload and kind = @kind and path = @path),
                put as (
                  insert into catalogue.upload_file (upload, kind, path, size, etag, md5) values (@upload, @kind, @path, @size, @etag, @md5)
                  on conflict (upload, kind, path) do update set size = @size, etag = @etag, md5 = @md5, delivered = now())
                update catalogue.upload set update = now(),
                  size = size + case when @kind = 'data' then @size - coalesce((select size from former), 0) else 0 end
                where id = @upload
                """, connection);
            AddTo(command, upload, kind, path);
            command.Parameters.AddWithValue("size", file.SizeBytes);
            command.Parameters.AddWithValue("etag", file.ETag);
            command.Parameters.AddWithValue("md5", file.Md5);
            await command.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
        return fits;
    }

    /// <summary>Forgets a file, and records the upload's new size.</summary>
    public async Task RemoveAsync(Guid upload, FileKind kind, string path)
    {
        await using var command = Command(
            """
            with gone as (delete from catalogue.upload_file where upload = @upload and kind = @kind and path = @path returning size)
            update catalogue.upload set update = now(),
              size = size - case when @kind = 'data' then coalesce((select size from gone), 0) else 0 end
            where id = @upload
            """, upload, kind, path);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>True while a processing execution that is launched reads the upload.</summary>
    public async Task<bool> IsInUseAsync(Guid upload)
    {
        await using var command = database.CreateCommand(
            "select exists (select from catalogue.processing_execution where @upload = any(input_uploads) and status in ('WAITING', 'PROGRESS'))");
        command.Parameters.AddWithValue("upload", upload);
        return await command.ExecuteScalarAsync() is true;
    }

    /// <summary>Bytes that the quota leaves for a file; negative when it is passed. The datastore's row stays locked, so that what is decided from it stays true.</summary>
    private static async Task<long> RoomAsync(NpgsqlConnection connection, Guid datastore, Guid upload, FileKind kind, string path, TimeSpan longest)
    {
        await using (var turn = new NpgsqlCommand("select 1 from catalogue.datastore where id = @datastore for no key update", connection))
        {
            turn.Parameters.AddWithValue("datastore", datastore);
            await turn.ExecuteScalarAsync();
        }

        await using var command = new NpgsqlCommand(
            """
            select (coalesce((d.doc->'quotas'->>'uploads')::numeric, 9223372036854775807)
              - coalesce((select sum(u.size) from catalogue.upload u where u.datastore = d.id and u.status <> 'DELETED'), 0)
              - coalesce((select sum(f.size) from catalogue.upload u join catalogue.upload_file f on f.upload = u.id and f.kind = 'md5'
                  where u.datastore = d.id and u.status <> 'DELETED'), 0)
              - coalesce((select sum(p.bytes) from catalogue.upload u join catalogue.upload_delivery p on p.upload = u.id
                  where u.datastore = d.id and u.status <> 'DELETED' and p.begun > now() - @longest), 0)
              + coalesce((select size from catalogue.upload_file where upload = @upload and kind = @kind and path = @path), 0))::bigint
            from catalogue.datastore d where d.id = @datastore
            """, connection);
        AddTo(command, upload, kind, path);
        command.Parameters.AddWithValue("datastore", datastore);
        command.Parameters.AddWithValue("longest", longest);
        return await command.ExecuteScalarAsync() as long? ?? 0;
    }

    private NpgsqlCommand Command(string statement, Guid upload, FileKind kind, string? path = null)
    {
        var command = database.CreateCommand(statement);
        AddTo(command, upload, kind, path);
        return command;
    }

    private static void AddTo(NpgsqlCommand command, Guid upload, FileKind kind, string? path)
    {
        command.Parameters.AddWithValue("upload", upload);
        command.Parameters.AddWithValue("kind", kind == FileKind.Md5 ? "md5" : "data");
        if (path is not null)
            command.Parameters.AddWithValue("path", path);
    }

    private static async Task<IReadOnlyList<UploadFile>> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var files = new List<UploadFile>();
        while (await reader.ReadAsync(cancellation))
            files.Add(new UploadFile(reader.GetString(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3)));
        return files;
    }
}
