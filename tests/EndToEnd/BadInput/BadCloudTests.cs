using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Grid.EndToEnd.Tests.PointClouds;
using Grid.Fixtures;
using Xunit.Abstractions;

namespace Grid.EndToEnd.Tests.BadInput;

/// <summary>
/// Damaged point clouds on the whole way, from the delivery over the checks to the processings: a sentence names file, chunk and reason, and the server takes
/// neither harm nor much memory.
/// </summary>
[Collection(SharedGrid.Collection)]
public sealed partial class BadCloudTests(SharedGrid shared, ITestOutputHelper output)
{
    private const string Copc = "Calcul de pyramide 3D COPC", Model = "Calcul de modèle numérique";
    private const int Damages = 12;
    private const long MostMemory = 2L << 30;

    private readonly Producer _producer = shared.Producer;

    [RealDataFact]
    public async Task Malformed_files_are_named_with_their_chunks_and_reasons()
    {
        var files = Directory.EnumerateFiles(RealData.PathOf("pointcloud/malformed")).Order(StringComparer.Ordinal).ToList();
        var ending = await _producer.CheckAsync(await DepositAsync("malformed", files));
        Assert.Equal("UNSTABLE", ending.Status);
        foreach (var (file, reason) in ((string, string)[])[
            ("1.2-no-points.las", "not all in the file"), ("1.2-with-color-clipped.las", "not all in the file"), ("garbage_nVariableLength.las", "1069128089 variable length records"),
            ("broken_coder.laz", "coder 15"), ("broken_compressor.laz", "compressor 16"), ("broken_size.laz", "version 6"), ("broken_type.laz", "item type 22"), ("broken_version.laz", "version 6"),
            ("Semis_2022_0906_6665_LA93_IGN69_nok.laz", "375 bytes"), ("s-truncated60.laz", ": chunk 1: "), ("s-npoints-too-many.laz", ": chunk 2: "), ("s-bitflip.laz", ": chunk 1: "),
            ("s-layer-size-huge.laz", ": chunk 0: "), ("s-chunk-count-huge.laz", ": chunk 0: "), ("s-no-laszip-vlr.laz", "no laszip record"), ("s-item-size31.laz", "31 bytes"),
            ("s-chunksize3.laz", "chunks of 3")])
        {
            // What is wrong may be more than one thing.
            var told = ending.Log.Where(line => line.Contains("ERROR||", StringComparison.Ordinal) && line.Contains($"{file}: ", StringComparison.Ordinal)).ToList();
            Assert.True(told.Exists(line => line.Contains(reason, StringComparison.Ordinal)), $"\"{reason}\" of {file} is not among\n{string.Join('\n', told)}");
        }

        CheckMemory();
    }

    [Fact]
    public async Task Files_damaged_on_the_way_or_in_the_storage_fail_the_checks_or_the_processing_by_name()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var folder = shared.NewFolder();
        await LidarLot.WriteAsync(folder, 60_000, seed: 5);
        var lot = Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).ToList();
        var whole = await File.ReadAllBytesAsync(lot[1]);
        var name = Path.GetFileName(lot[1]);

        // Sound when it is checked, damaged when it is read again.
        var kept = await DepositAsync("kept", lot);
        Assert.Equal("CLOSED", (await _producer.CheckAsync(kept)).Status);
        var stored = Directory.EnumerateFiles(Path.Combine(shared.Grid.Data, "objects"), name, SearchOption.AllDirectories).Single(path => path.Contains(kept, StringComparison.Ordinal));
        var refused = 0;
        for (var i = 0; i < Damages; i++)
        {
            var (damaged, what) = Damage(whole, random, i);
            await File.WriteAllBytesAsync(Path.Combine(folder, "damaged.laz"), damaged);
            var checking = await DepositAsync(FormattableString.Invariant($"damaged {i}"), [Path.Combine(folder, "damaged.laz")]);
            var ending = await _producer.CheckAsync(checking);
            if (ending.Status == "UNSTABLE")
                ending.Error("damaged.laz: ");

            await File.WriteAllBytesAsync(stored, damaged);
            var processing = i % 3 == 2 ? Model : Copc;
            var (status, log) = await RunAsync(processing, kept, FormattableString.Invariant($"kept_{i}"));
            output.WriteLine($"{what}: checks {ending.Status}, {processing} {status}: {Failure(log)}");
            if (status == "SUCCESS")
                continue;
            refused++;
            Assert.Equal("FAILURE", status);
            Assert.Contains($"{name}: ", Failure(log));
            Assert.DoesNotContain(Path.GetFileName(lot[2]), Failure(log));
            Assert.Equal("UNSTABLE", ending.Status);
        }

        Assert.True(refused > Damages / 2, $"{refused} of {Damages} damages were refused");
        // The server is as sound as before: the same delivery, mended, is built.
        await File.WriteAllBytesAsync(stored, whole);
        Assert.Equal("SUCCESS", (await RunAsync(Copc, kept, "kept_mended")).Status);
        CheckMemory();
    }

    // One in three is cut, the others have bits flipped: anywhere, or in the first kilobyte, where the header and its records are.
    private static (byte[] Bytes, string What) Damage(byte[] whole, Random random, int i)
    {
        if (i % 3 == 0)
        {
            var length = random.Next(1, whole.Length);
            return (whole[..length], $"cut after {length} of {whole.Length} bytes");
        }

        var bytes = (byte[])whole.Clone();
        var places = Enumerable.Range(0, random.Next(1, 20)).Select(_ => random.Next(i % 3 == 1 ? whole.Length : 1024)).Order().ToList();
        foreach (var place in places)
            bytes[place] ^= (byte)(1 << random.Next(8));
        return (bytes, $"bits flipped at {string.Join(' ', places)}");
    }

    private async Task<string> DepositAsync(string name, IReadOnlyList<string> files)
    {
        var upload = await _producer.OpenUploadAsync(name, type: "POINT-CLOUD");
        foreach (var file in files)
            Producer.Succeeded(await _producer.DeliverAsync(upload, Path.GetFileName(file), await File.ReadAllBytesAsync(file)));
        return upload;
    }

    private async Task<(string Status, string Log)> RunAsync(string processing, string upload, string name)
    {
        using var producer = await GridProducer.OfAsync(shared.Grid);
        var (execution, _) = await producer.LaunchAsync(processing, [upload], [], name, processing == Model ? new JsonObject { ["step"] = 1.0 } : []);
        var ending = await _producer.BuildEndedAsync(execution);
        return (ending.Status, string.Join('\n', ending.Log));
    }

    private static string Failure(string log) => log.Split('\n').LastOrDefault(line => line.Contains("ERROR||", StringComparison.Ordinal)) ?? "";

    private void CheckMemory()
    {
        var peak = long.Parse(Peak().Match(File.ReadAllText($"/proc/{shared.Grid.ProcessId}/status")).Groups[1].Value, CultureInfo.InvariantCulture) << 10;
        output.WriteLine($"peak of the server: {peak >> 20} MiB");
        Assert.InRange(peak, 0, MostMemory);
    }

    [GeneratedRegex(@"VmHWM:\s+(\d+) kB")]
    private static partial Regex Peak();
}
