using System.Text.Json.Nodes;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.Builds;

/// <summary>Pyramids of JPEG with PNG at the border, and of WebP: outside the data their tiles are transparent, as GDAL sees it.</summary>
[Collection("grid")]
public sealed class OpacityTilesTests(SharedGrid shared)
{
    [Theory]
    [InlineData("jpgpng", "image/vnd.jpeg-png", "image/jpeg", "image/png", 3.0)]
    [InlineData("webp", "image/webp", "image/webp", "image/webp", 6.0)]
    public async Task Tiles_are_opaque_within_and_transparent_outside(string compression, string format, string inside, string border, double tolerance)
    {
        JsonObject Parameters(string tiles) => new() { ["compression"] = tiles, ["bottom"] = "19", ["top"] = "17", ["width"] = 4, ["height"] = 4 };
        var exact = await shared.Producer.BuildAsync(shared.Upload, $"exact {compression}", Parameters("png"));
        var built = await shared.Producer.BuildAsync(shared.Upload, $"tiles {compression}", Parameters(compression));
        var layer = $"tiles-{compression}";
        var exactLayer = $"exact-{compression}";
        await shared.Producer.PublishAsync(built, layer);
        await shared.Producer.PublishAsync(exact, exactLayer);
        await shared.Producer.PublishAsync(built, $"map-{compression}", type: "WMS-RASTER");
        var pyramid = StoredPyramid.Read(shared.Grid, built);
        Assert.Equal($"TIFF_{compression.ToUpperInvariant()}_UINT8", (string?)pyramid.Descriptor["format"]);

        var seen = new HashSet<string>();
        foreach (var level in (string[])["17", "19"])
        {
            var limits = pyramid.Limits(level);
            foreach (var (col, row) in ((long, long)[])[((limits.MinCol + limits.MaxCol) / 2, limits.MinRow), ((limits.MinCol + limits.MaxCol) / 2, (limits.MinRow + limits.MaxRow) / 2)])
            {
                var tile = new KvpTile(layer, format, "PM", level, col, row);
                using var answer = await shared.Http.GetAsync(tile.Address());
                Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
                var type = answer.Content.Headers.ContentType!.MediaType!;
                seen.Add(type);
                var (ours, bands) = await DecodeAsync(await answer.Content.ReadAsByteArrayAsync());
                var (truth, _) = await DecodeAsync(await shared.Http.GetByteArrayAsync((tile with { Layer = exactLayer, Format = "image/png" }).Address()));
                var isWhole = bands == 3;
                Assert.Equal(isWhole ? inside : border, type);
                double sum = 0;
                var data = 0;
                var white = 0;
                for (var i = 0; i < 256 * 256; i++)
                {
                    var isData = truth.AsSpan(3 * i, 3).IndexOfAnyExcept((byte)255) >= 0;
                    var isOpaque = isWhole || ours[(i * bands) + 3] == 255;
                    Assert.True(isOpaque || (!isData && ours[(i * bands) + 3] == 0), $"pixel {i} of {tile.Address()}");
                    white += isOpaque && !isData ? 1 : 0;
                    for (var channel = 0; channel < 3 && isData; channel++)
                        sum += Math.Abs(truth[(3 * i) + channel] - ours[(i * bands) + channel]);
                    data += isData ? 3 : 0;
                }

                // Data may be white here and there; nodata is white throughout.
                Assert.InRange(white, 0, 256);
                Assert.InRange(sum / Math.Max(1, data), 0, tolerance);
            }
        }

        Assert.Equal(new HashSet<string> { inside, border }, seen);
        await CompareByGdalAsync(layer, exactLayer, tolerance);
        // Maps over it show the background where there is nothing.
        var bounds = (await shared.Producer.Api.GetAsync($"{shared.Producer.Datastore}/stored_data/{built}", default))["extent"]!["coordinates"]![0]!;
        var (west, north) = ((double)bounds[0]![0]!, (double)bounds[2]![1]!);
        var (map, mapBands) = await DecodeAsync(await shared.Http.GetByteArrayAsync(FormattableString.Invariant(
            $"/wms-r?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS=map-{compression}&STYLES=&CRS=CRS:84&BBOX={west - 0.001},{north - 0.001},{west + 0.001},{north + 0.001}&WIDTH=64&HEIGHT=64&FORMAT=image/png&TRANSPARENT=TRUE")));
        Assert.Equal(4, mapBands);
        Assert.Equal(0, map[3]);
        Assert.Contains(map.Where((_, i) => i % 4 == 3), opacity => opacity == 255);
    }

    /// <summary>GDAL's WMTS driver draws both layers alike, border included.</summary>
    private async Task CompareByGdalAsync(string layer, string exactLayer, double tolerance)
    {
        var folder = Directory.CreateTempSubdirectory("grid-layer-").FullName;
        var pictures = new List<byte[]>();
        foreach (var name in (string[])[layer, exactLayer])
        {
            var file = Path.Combine(folder, name);
            (await Programs.RunAsync("gdal_translate", [
                "-q", "--config", "GDAL_ENABLE_WMS_CACHE", "NO", "--config", "GDAL_DEFAULT_WMS_CACHE_PATH", folder, "-b", "1", "-b", "2", "-b", "3", "-outsize", "600", "600",
                "-of", "ENVI", "-co", "INTERLEAVE=BIP",
                $"WMTS:{shared.Grid.Address}wmts?SERVICE=WMTS&REQUEST=GetCapabilities&{layer},layer={name}", file])).Expect();
            pictures.Add(await File.ReadAllBytesAsync(file));
        }

        Directory.Delete(folder, recursive: true);
        double sum = 0;
        var seen = 0;
        for (var i = 0; i < pictures[0].Length; i += 3)
        {
            // Nothing is white in one form and transparent black in the other.
            Span<byte> ours = pictures[0].AsSpan(i, 3), theirs = pictures[1].AsSpan(i, 3);
            if (theirs.IndexOfAnyExcept((byte)255) < 0 || ours.IndexOfAnyExcept((byte)0) < 0)
                continue;
            seen++;
            for (var channel = 0; channel < 3; channel++)
                sum += Math.Abs(ours[channel] - theirs[channel]);
        }

        Assert.InRange(seen, 100_000, 360_000);
        Assert.InRange(sum / (3 * seen), 0, tolerance);
    }

    /// <summary>A picture as GDAL decodes it, pixel by pixel.</summary>
    private static async Task<(byte[] Samples, int Bands)> DecodeAsync(byte[] picture)
    {
        var folder = Directory.CreateTempSubdirectory("grid-picture-").FullName;
        var file = Path.Combine(folder, "picture");
        await File.WriteAllBytesAsync(file, picture);
        (await Programs.RunAsync("gdal_translate", ["-q", "-of", "ENVI", "-co", "INTERLEAVE=BIP", file, file + ".raw"])).Expect();
        var samples = await File.ReadAllBytesAsync(file + ".raw");
        Directory.Delete(folder, recursive: true);
        return (samples, samples.Length / (256 * 256) is > 0 and var bands ? bands : samples.Length / (64 * 64));
    }
}
