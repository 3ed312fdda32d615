using System.Security.Cryptography;
using Grid.Cli.Api;

namespace Grid.Cli.Producer;

/// <summary>A file of a lot.</summary>
/// <param name="FullPath">Where it is.</param>
/// <param name="Path">Its path in the upload: relative to the lot's folder, slashes.</param>
/// <param name="Length">Bytes.</param>
public sealed record LotFile(string FullPath, string Path, long Length)
{
    /// <summary>The files of a folder and its subfolders in the order of their paths; hidden files and MD5 lists are left out.</summary>
    /// <exception cref="DeliveryException">The folder is absent or holds no file.</exception>
    public static IReadOnlyList<LotFile> In(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DeliveryException($"{folder} is not a folder: name the folder that holds the files to deliver");
        var root = System.IO.Path.GetFullPath(folder);
        LotFile[] files =
        [
            .. Directory.EnumerateFiles(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden })
                .Where(file => !file.EndsWith(".md5", StringComparison.OrdinalIgnoreCase))
                .Select(file => new LotFile(file, System.IO.Path.GetRelativePath(root, file).Replace('\\', '/'), new FileInfo(file).Length))
                .OrderBy(file => file.Path, StringComparer.Ordinal),
        ];
        return files.Length > 0 ? files : throw new DeliveryException($"{folder} holds no file to deliver");
    }

    /// <summary>MD5 of the file, lower-case hexadecimal.</summary>
    public async Task<string> Md5Async(CancellationToken cancellation)
    {
        await using var stream = new FileStream(FullPath, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan | FileOptions.Asynchronous);
        return Convert.ToHexStringLower(await MD5.HashDataAsync(stream, cancellation));
    }
}
