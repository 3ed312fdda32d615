using System.Security.Cryptography;

namespace Grid.Fixtures;

/// <summary>What the first version of stored data has in the object store of a data folder.</summary>
public static class StoredFiles
{
    /// <summary>Digests of COPC files, tilesets, tiles of models and slabs, by path; what names the stored data itself is left out.</summary>
    public static SortedDictionary<string, string> Digests(string data, string storedData)
    {
        var root = Path.Combine(data, "objects", "pyramids", storedData, "1");
        return new(Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetDirectoryName(file) != root)
            .ToDictionary(file => Path.GetRelativePath(root, file), file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))));
    }
}
