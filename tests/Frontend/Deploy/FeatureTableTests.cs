using System.Text.RegularExpressions;
using Grid.Fixtures;

namespace Grid.Frontend.Tests.Deploy;

/// <summary>The tables of features name tests that show them: the tests are there, and no row is without.</summary>
public sealed partial class FeatureTableTests
{
    private static readonly Lazy<Dictionary<string, string>> s_classes = new(() => Directory
        .EnumerateFiles(Sources.Folder("tests"), "*.cs", SearchOption.AllDirectories).Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
        .SelectMany(file => Class().Matches(File.ReadAllText(file)).Select(found => (Name: found.Groups[1].Value, File: file)))
        .GroupBy(one => one.Name).ToDictionary(group => group.Key, group => string.Concat(group.Select(one => File.ReadAllText(one.File)))));

    public static TheoryData<string, string> Tests()
    {
        var tests = new TheoryData<string, string>();
        foreach (var document in Directory.EnumerateFiles(Sources.Folder("docs"), "*.md"))
        {
            foreach (var name in File.ReadLines(document).Where(line => line.StartsWith('|')).SelectMany(Named).Distinct())
                tests.Add(Path.GetFileName(document), name);
        }

        return tests;
    }

    [Theory]
    [MemberData(nameof(Tests))]
    public void Test_that_a_table_names_is_there(string document, string name)
    {
        var parts = name.Split('.');
        if (parts[0].EndsWith("Tests", StringComparison.Ordinal))
            Assert.True(s_classes.Value.ContainsKey(parts[0]), $"{document}: there is no class {parts[0]}");
        var method = parts[0].EndsWith("Tests", StringComparison.Ordinal) ? parts.ElementAtOrDefault(1) : parts[0];
        if (method is null)
            return;
        var declared = new Regex($@"\b(void|Task) {Regex.Escape(method).Replace("…", @"\w*", StringComparison.Ordinal)}\(");
        var sources = s_classes.Value.TryGetValue(parts[0], out var source) ? [source] : s_classes.Value.Values.AsEnumerable();
        Assert.True(sources.Any(declared.IsMatch), $"{document}: there is no test {name}");
    }

    [Theory]
    [InlineData("raster-services.md")]
    [InlineData("raster-operations.md")]
    public void Every_row_names_a_test(string document)
    {
        foreach (var row in File.ReadLines(Path.Combine(Sources.Folder("docs"), document)).Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Where(line => !IsHead(line)))
            Assert.True(Named(row).Any() || row.Contains("tests/Cluster", StringComparison.Ordinal) || row.Contains("| absent |", StringComparison.Ordinal), row);
    }

    [Fact]
    public void Every_feature_of_the_checklist_has_a_row()
    {
        var rows = File.ReadLines(Path.Combine(Sources.Folder("docs"), "raster-services.md")).Select(line => Numbers().Match(line)).Where(row => row.Success)
            .SelectMany(row => Enumerable.Range(
                int.Parse(row.Groups[1].Value), (row.Groups[2].Success ? int.Parse(row.Groups[2].Value) : int.Parse(row.Groups[1].Value)) - int.Parse(row.Groups[1].Value) + 1));
        Assert.Equal(Enumerable.Range(1, 38), rows);
    }

    private static bool IsHead(string row) => row.EndsWith("| shown by |", StringComparison.Ordinal) || row.EndsWith("| test |", StringComparison.Ordinal);

    // Names of classes, of classes and methods, or of methods alone; folders before them tell the reader where they are.
    private static IEnumerable<string> Named(string row) => Quoted().Matches(row).Select(found => found.Groups[1].Value.Split('/')[^1]).Where(name => Name().IsMatch(name));

    [GeneratedRegex(@"class (\w+)")]
    private static partial Regex Class();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^(\w+Tests(\.\w[\w…]*)?|[A-Z][a-z]+_[\w…]*_[\w…]*)$")]
    private static partial Regex Name();

    [GeneratedRegex(@"^\| (\d+)(?:-(\d+))? \|")]
    private static partial Regex Numbers();
}
