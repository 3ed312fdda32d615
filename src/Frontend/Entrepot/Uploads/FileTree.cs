using System.Text.Json.Nodes;
using Npgsql;

namespace Grid.Frontend.Entrepot.Uploads;

/// <summary>An upload's files as a tree of <c>{type, name, size, children}</c>; directories always have children, and the size of all below them.</summary>
public static class FileTree
{
    /// <summary>The tree, MD5 files at its root, where clients that resume look for them.</summary>
    public static async Task<JsonArray> ReadAsync(NpgsqlDataSource database, Guid upload, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select path, size from catalogue.upload_file where upload = @upload order by kind, path collate \"C\"");
        command.Parameters.AddWithValue("upload", upload);
        var root = new Folder();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            root.Add(reader.GetString(0), reader.GetInt64(1));
        return root.Show();
    }

    private sealed class Folder
    {
        private readonly List<(string Name, long Size)> _files = [];
        private readonly Dictionary<string, Folder> _folders = [];
        private long _size;

        public void Add(string path, long size)
        {
            var folder = this;
            var from = 0;
            for (int slash; (slash = path.IndexOf('/', from)) >= 0; from = slash + 1)
            {
                folder._size += size;
                var name = path[from..slash];
                if (!folder._folders.TryGetValue(name, out var next))
                    folder._folders[name] = next = new Folder();
                folder = next;
            }

            folder._size += size;
            folder._files.Add((path[from..], size));
        }

        public JsonArray Show() =>
        [
            .. _folders.Select(folder => new JsonObject
            {
                ["type"] = "DIRECTORY", ["name"] = folder.Key, ["size"] = folder.Value._size, ["children"] = folder.Value.Show(),
            }),
            .. _files.Select(file => new JsonObject { ["type"] = "FILE", ["name"] = file.Name, ["size"] = file.Size }),
        ];
    }
}
