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

    /// <summary>Records a file, in place of the one of that path, and the upload's new size.</summary>
    public async Task PutAsync(Guid upload, FileKind kind, string path, DeliveredFile file)
    {
        await using var command = Command(
            """
            with former as (select size from catalogue.upload_file where upload = @upload and kind = @kind and path = @path),
            put as (
              insert into catalogue.upload_file (upload, kind, path, size, etag, md5) values (@upload, @kind, @path, @size, @etag, @md5)
              on conflict (upload, kind, path) do update set size = @size, etag = @etag, md5 = @md5, delivered = now())
            update catalogue.upload set update = now(),
              size = size + case when @kind = 'data' then @size - coalesce((select size from former), 0) else 0 end
            where id = @upload
            """, upload, kind, path);
        command.Parameters.AddWithValue("size", file.SizeBytes);
        command.Parameters.AddWithValue("etag", file.ETag);
        command.Parameters.AddWithValue("md5", file.Md5);
        await command.ExecuteNonQueryAsync();
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

    /// <summary>Bytes that the datastore may still receive; negative when over its quota.</summary>
    public async Task<long> RoomAsync(Guid datastore)
    {
        await using var command = database.CreateCommand(
            """
            select coalesce((d.doc->'quotas'->>'uploads')::bigint, 9223372036854775807)
              - coalesce((select sum(size) from catalogue.upload where datastore = d.id and status <> 'DELETED'), 0)::bigint
            from catalogue.datastore d where d.id = @datastore
            """);
        command.Parameters.AddWithValue("datastore", datastore);
        return await command.ExecuteScalarAsync() as long? ?? 0;
    }

    /// <summary>True while a processing execution that is launched reads the upload.</summary>
    public async Task<bool> IsInUseAsync(Guid upload)
    {
        await using var command = database.CreateCommand(
            "select exists (select from catalogue.processing_execution where @upload = any(input_uploads) and status in ('WAITING', 'PROGRESS'))");
        command.Parameters.AddWithValue("upload", upload);
        return await command.ExecuteScalarAsync() is true;
    }

    private NpgsqlCommand Command(string statement, Guid upload, FileKind kind, string? path = null)
    {
        var command = database.CreateCommand(statement);
        command.Parameters.AddWithValue("upload", upload);
        command.Parameters.AddWithValue("kind", kind == FileKind.Md5 ? "md5" : "data");
        if (path is not null)
            command.Parameters.AddWithValue("path", path);
        return command;
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
