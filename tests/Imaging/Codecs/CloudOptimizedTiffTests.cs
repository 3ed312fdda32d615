using System.Runtime.InteropServices;
using System.Text.Json;
using Grid.Fixtures;
using Grid.Imaging.Codecs.Tiff;

namespace Grid.Imaging.Tests.Codecs;

public sealed class CloudOptimizedTiffTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-cog-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1300, 700, 2)]
    [InlineData(512, 512, 0)]
    [InlineData(100, 100, 0)]
    public async Task Gdal_reads_the_heights_their_place_and_the_overviews(int width, int height, int overviews)
    {
        var random = new Random(width);
        var heights = Enumerable.Range(0, width * height).Select(i => i % 97 == 0 ? -9999 : (float)(100 + (random.NextDouble() * 3) + (i % width / 50.0))).ToArray();
        var file = Path.Combine(_folder, "heights.tif");
        var bytes = CloudOptimizedTiff.Encode(heights, width, height, new HeightPlace(647_999.75, 6_863_000.25, 0.5, 2154, -9999));
        Assert.Equal(bytes, CloudOptimizedTiff.Encode(heights, width, height, new HeightPlace(647_999.75, 6_863_000.25, 0.5, 2154, -9999)));
        Assert.Equal((width, height, new HeightPlace(647_999.75, 6_863_000.25, 0.5, 2154, -9999)), CloudOptimizedTiff.ReadPlace(bytes.AsSpan(0, Math.Min(bytes.Length, CloudOptimizedTiff.HeadBytes))));
        await File.WriteAllBytesAsync(file, bytes);

        var told = JsonDocument.Parse((await Programs.RunAsync("gdalinfo", ["-json", file])).Expect()).RootElement;
        Assert.Equal([647_999.75, 0.5, 0, 6_863_000.25, 0, -0.5], told.GetProperty("geoTransform").EnumerateArray().Select(number => number.GetDouble()));
        Assert.Contains("2154", told.GetProperty("coordinateSystem").GetProperty("wkt").GetString());
        Assert.Equal("COG", told.GetProperty("metadata").GetProperty("IMAGE_STRUCTURE").GetProperty("LAYOUT").GetString());
        var band = told.GetProperty("bands")[0];
        Assert.Equal(-9999, band.GetProperty("noDataValue").GetDouble());
        Assert.Equal(overviews, band.TryGetProperty("overviews", out var list) ? list.GetArrayLength() : 0);

        var raw = Path.Combine(_folder, "heights.bin");
        (await Programs.RunAsync("gdal_translate", ["-q", "-of", "ENVI", file, raw])).Expect();
        Assert.Equal(heights, MemoryMarshal.Cast<byte, float>(await File.ReadAllBytesAsync(raw)).ToArray());
        var code = "import sys; from osgeo_utils.samples import validate_cloud_optimized_geotiff as v; w, e, d = v.validate(sys.argv[1]); print(w, e); sys.exit(len(e) + len(w))";
        if (File.Exists("/usr/lib/python3/dist-packages/osgeo_utils/samples/validate_cloud_optimized_geotiff.py"))
            (await Programs.RunAsync(Programs.Python, ["-c", code, file])).Expect();
    }

    [Fact]
    public void Place_of_what_is_no_such_file_is_refused()
    {
        var file = CloudOptimizedTiff.Encode(new float[9], 3, 3, new HeightPlace(0, 0, 1, 2154, -9999));
        foreach (var head in (byte[][])[[], "II*\0"u8.ToArray(), "GIF89a, and more"u8.ToArray(), file[..250], [.. "II*\0"u8, 255, 255, 255, 127, .. file[8..]]])
            Assert.Throws<ArgumentException>(() => CloudOptimizedTiff.ReadPlace(head));
    }
}
