using System.Security.Cryptography;
using Npgsql;

namespace Grid.Grains.Catalogue;

/// <summary>Style files by the digest of their bytes, which never change.</summary>
public sealed class StyleDocuments(NpgsqlDataSource database)
{
    /// <summary>The name of a file: SHA-256 in lower-case hexadecimal.</summary>
    public static string DigestOf(ReadOnlySpan<byte> file) => Convert.ToHexStringLower(SHA256.HashData(file));

    /// <summary>Keeps a file; returns its digest.</summary>
    public async Task<string> KeepAsync(byte[] file)
    {
        var digest = DigestOf(file);
        await using var command = database.CreateCommand("insert into catalogue.style_document (digest, file) values (@digest, @file) on conflict do nothing");
        command.Parameters.AddWithValue("digest", digest);
        command.Parameters.AddWithValue("file", file);
        await command.ExecuteNonQueryAsync();
        return digest;
    }

    /// <summary>The file of a digest, or null.</summary>
    public async Task<byte[]?> FindAsync(string digest, CancellationToken cancellation = default)
    {
        await using var command = database.CreateCommand("select file from catalogue.style_document where digest = @digest");
        command.Parameters.AddWithValue("digest", digest);
        return await command.ExecuteScalarAsync(cancellation) as byte[];
    }
}
