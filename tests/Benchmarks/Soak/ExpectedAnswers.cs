using System.Security.Cryptography;

namespace Grid.Benchmarks.Soak;

/// <summary>
/// What each address may answer: builds are deterministic to the byte, so an address has one answer for each lot that the layer is built of, and any
/// other is wrong. Learnt while the layer is at rest.
/// </summary>
internal sealed class ExpectedAnswers(IReadOnlyList<string> paths)
{
    private readonly List<string[]> _versions = [];

    public IReadOnlyList<string> Paths => paths;

    /// <summary>Asks every address and keeps the answers as those of the next version.</summary>
    public async Task LearnAsync(HttpClient http)
    {
        var answers = new string[paths.Count];
        for (var i = 0; i < answers.Length; i++)
        {
            using var answer = await http.GetAsync(paths[i]);
            answers[i] = await SumUpAsync(answer);
        }

        _versions.Add(answers);
    }

    /// <summary>Whether an answer is that of any version.</summary>
    public bool IsKnown(int path, string answer) => _versions.Exists(version => version[path] == answer);

    /// <summary>Whether an answer is that of one version, counted from 0 in the order they were learnt.</summary>
    public bool IsOf(int version, int path, string answer) => _versions[version][path] == answer;

    /// <summary>Addresses whose answers differ between the versions: those that show which one is served.</summary>
    public IEnumerable<int> Telling => Enumerable.Range(0, paths.Count).Where(path => _versions.Select(version => version[path]).Distinct().Count() > 1);

    /// <summary>Status and body in short. Only a tile that does not exist may answer with an error; its body does not count.</summary>
    public static async Task<string> SumUpAsync(HttpResponseMessage answer) => answer.IsSuccessStatusCode
        ? $"{(int)answer.StatusCode} {Convert.ToHexString(SHA256.HashData(await answer.Content.ReadAsByteArrayAsync()))}"
        : ((int)answer.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
