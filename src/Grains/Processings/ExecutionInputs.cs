using Grid.Grains.Catalogue;
using Grid.Grains.Uploads;
using Grid.Interfaces.Catalogue;
using Grid.Interfaces.Processings;
using Grid.Interfaces.Pyramids;
using Grid.Interfaces.Uploads;
using Npgsql;

namespace Grid.Grains.Processings;

/// <summary>The uploads and stored data that an execution takes: whether it may, and which rasters they hold.</summary>
public sealed class ExecutionInputs(CatalogueStore store, Sharings sharings, NpgsqlDataSource database)
{
    /// <summary>Checks that the uploads exist in the datastore and have a type that the processing takes; faults add sentences.</summary>
    /// <param name="each">Whether each upload is a source of its own, in a coordinate system of its own.</param>
    /// <returns>Their rows.</returns>
    public async Task<IReadOnlyList<EntityRow>> ReadAsync(
        ProcessingDefinition processing, Guid datastore, IReadOnlyList<Guid> uploads, bool each, ICollection<string> problems)
    {
        var rows = new List<EntityRow>();
        foreach (var id in uploads)
        {
            var row = await store.FindAsync(EntityTable.Upload, id);
            if (row is null || row.Datastore != datastore || row.Status == UploadStatus.Deleted)
                problems.Add($"There is no upload {id} in this datastore.");
            else if (!processing.InputUploadTypes.Contains(row.Text("type")))
                problems.Add($"The upload {id} is of type {row.Text("type")}: \"{processing.Name}\" takes {string.Join(", ", processing.InputUploadTypes)}.");
            else
                rows.Add(row);
        }

        var systems = rows.Select(row => row.Text("srs")).Distinct().ToList();
        if (systems.Count > 1 && !each)
            problems.Add($"The uploads are in several coordinate systems: {string.Join(", ", systems)}. One execution takes one.");
        return rows;
    }

    /// <summary>Checks that the stored data exist in the datastore, or are shared with it, and have a type that the processing takes; faults add sentences.</summary>
    /// <returns>Their rows.</returns>
    public async Task<IReadOnlyList<EntityRow>> ReadStoredDataAsync(
        ProcessingDefinition processing, Guid datastore, IReadOnlyList<Guid> storedData, ICollection<string> problems)
    {
        var rows = new List<EntityRow>();
        foreach (var id in storedData)
        {
            var row = await store.FindAsync(EntityTable.StoredData, id);
            if (row is null || row.Status == StoredDataStatus.Deleted || (row.Datastore != datastore && !await sharings.IsSharedAsync(id, datastore)))
                problems.Add($"There is no stored data {id} in this datastore.");
            else if (!processing.InputStoredDataTypes.Contains(row.Text("type")))
                problems.Add($"The stored data {id} is of type {row.Text("type")}: \"{processing.Name}\" takes {string.Join(", ", processing.InputStoredDataTypes)}.");
            else
                rows.Add(row);
        }

        return rows;
    }

    /// <summary>Checks that the uploads may be used now.</summary>
    /// <exception cref="ConflictException">One is not closed, or a check of it has not passed.</exception>
    public async Task RequireUsableAsync(ProcessingDefinition processing, IReadOnlyList<EntityRow> uploads)
    {
        foreach (var upload in uploads)
        {
            if (upload.Status != UploadStatus.Closed)
                throw new ConflictException($"The upload {upload.Id} is {upload.Status}: close it and let its checks pass first.");
            await using var command = database.CreateCommand(
                "select distinct on (check_id) check_id, status from catalogue.check_execution where upload = @upload order by check_id, creation desc");
            command.Parameters.AddWithValue("upload", upload.Id);
            await using var reader = await command.ExecuteReaderAsync();
            var passed = new HashSet<Guid>();
            while (await reader.ReadAsync())
            {
                Guid check = reader.GetGuid(0);
                if (reader.GetString(1) is var status && status != CheckStatus.Success)
                    throw new ConflictException($"The check \"{CheckCatalogue.Find(check)?.Name ?? check.ToString()}\" of the upload {upload.Id} is {status}: every check must have passed.");
                passed.Add(check);
            }

            if (CheckCatalogue.All.FirstOrDefault(check => processing.RequiredChecks.Contains(check.Name) && !passed.Contains(check.Id)) is { } missing)
                throw new ConflictException($"The upload {upload.Id} has not passed the check \"{missing.Name}\", which \"{processing.Name}\" requires.");
        }
    }

    /// <summary>The rasters of the uploads: upload by upload as given, by path within each. Sidecar files (world files, statistics, overviews) are left out.</summary>
    /// <exception cref="ConflictException">There is none.</exception>
    public async Task<IReadOnlyList<SourceRaster>> RastersAsync(IReadOnlyList<Guid> uploads)
    {
        var rasters = new List<SourceRaster>();
        foreach (var upload in uploads)
        {
            await using var command = database.CreateCommand("select path, etag from catalogue.upload_file where upload = @upload and kind = 'data'");
            command.Parameters.AddWithValue("upload", upload);
            await using var reader = await command.ExecuteReaderAsync();
            var files = new List<(string Path, string ETag)>();
            while (await reader.ReadAsync())
                files.Add((reader.GetString(0), reader.GetString(1)));
            rasters.AddRange(files.Where(file => RasterFiles.IsRaster(file.Path)).OrderBy(file => file.Path, StringComparer.Ordinal)
                .Select(file => new SourceRaster(UploadPath.DataKey(upload, file.Path), file.Path, file.ETag)));
        }

        return rasters.Count > 0
            ? rasters
            : throw new ConflictException($"The upload {string.Join(", ", uploads)} holds no raster: deliver GeoTIFF or JPEG 2000 files.");
    }

    /// <summary>The point clouds of the uploads, in the same order: object keys and paths.</summary>
    /// <exception cref="ConflictException">There is none.</exception>
    public async Task<IReadOnlyList<SourceRaster>> CloudFilesAsync(IReadOnlyList<Guid> uploads)
    {
        var files = new List<SourceRaster>();
        foreach (var upload in uploads)
        {
            var paths = (await new UploadFiles(database).ListAsync(upload, FileKind.Data)).Select(file => file.Path).Where(PointCloudFiles.IsPointCloud);
            files.AddRange(paths.Select(path => new SourceRaster(UploadPath.DataKey(upload, path), path)));
        }

        return files.Count > 0 ? files : throw new ConflictException($"The upload {string.Join(", ", uploads)} holds no point cloud: deliver LAZ or LAS files.");
    }

    /// <summary>The COPC files of a stored data's current version: those of tiles, or the block's where there are none.</summary>
    /// <exception cref="ConflictException">It has no finished version.</exception>
    public static async Task<StoredCloud> StoredCloudAsync(PyramidVersions versions, Guid storedData)
    {
        var version = await versions.FindCurrentAsync(storedData) ?? throw new ConflictException($"The stored data {storedData} has no finished point clouds.");
        var files = version["files"]!.AsArray().Select(file => (IsBlock: (bool)file!["block"]!, File: new SourceRaster((string)file["key"]!, (string)file["name"]!))).ToList();
        var isBlock = files.TrueForAll(file => file.IsBlock);
        return new StoredCloud((string)version["crs"]!, [.. files.Where(file => file.IsBlock == isBlock).Select(file => file.File)], isBlock);
    }

    /// <summary>Deletes the log of an execution.</summary>
    public async Task DeleteLogAsync(Guid execution)
    {
        await using var command = database.CreateCommand("delete from catalogue.log_line where execution = @execution");
        command.Parameters.AddWithValue("execution", execution);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>Point clouds that are stored data.</summary>
/// <param name="Files">Keys in the store of pyramids, and names.</param>
/// <param name="IsBlock">True when the only file is that of a whole block.</param>
public sealed record StoredCloud(string Crs, IReadOnlyList<SourceRaster> Files, bool IsBlock);
