using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Grid.Silo.Database;

/// <summary>One step of the schema. Once released its text never changes: a new step follows instead.</summary>
/// <param name="Number">Its place in the order, from 1.</param>
/// <param name="Name">Its file's name, <c>NNNN_words.sql</c>.</param>
/// <param name="Sql">Statements, run in one transaction.</param>
public sealed record Migration(int Number, string Name, string Sql)
{
    /// <summary>SHA-256 of the text with Unix line ends, in hexadecimal.</summary>
    public string Checksum { get; } =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));

    /// <summary>The steps built into this program, in order.</summary>
    public static IReadOnlyList<Migration> Embedded { get; } = Load(typeof(Migration).Assembly);

    private static List<Migration> Load(Assembly assembly)
    {
        const string prefix = "Migrations/";
        var steps = new List<Migration>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var name = resource[prefix.Length..];
            steps.Add(new Migration(int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name, reader.ReadToEnd()));
        }

        return steps;
    }
}
