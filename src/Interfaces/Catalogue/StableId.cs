using System.Security.Cryptography;
using System.Text;

namespace Grid.Interfaces.Catalogue;

/// <summary>
/// Ids that are the same on every installation: name-based UUIDs (RFC 9562 § 5.5, version 5), so that settings, scripts and tests can name
/// the entities that a first start creates.
/// </summary>
public static class StableId
{
    private static readonly Guid Namespace = new("6f1d3c52-5a0e-5b7c-9b9e-6b4f0d6a9e11");

    /// <param name="kind">The kind of entity, for example <c>datastore</c>.</param>
    /// <param name="name">Its name within the kind, case-sensitive.</param>
    public static Guid Of(string kind, string name)
    {
        var text = Encoding.UTF8.GetBytes($"{kind}\n{name}");
        var input = new byte[16 + text.Length];
        Namespace.TryWriteBytes(input, bigEndian: true, out _);
        text.CopyTo(input, 16);
        // The standard prescribes SHA-1; nothing relies on its collision resistance.
        var hash = SHA1.HashData(input).AsSpan(0, 16);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true);
    }
}
