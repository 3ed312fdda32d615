using System.Runtime.InteropServices;
using Grid.Fixtures;
using Grid.Imaging.Gdal;
using Grid.Imaging.Inspection;
using Grid.Imaging.Sources;
using Grid.Imaging.Tests.Gdal;

namespace Grid.Imaging.Tests.Sources;

/// <summary>Every real TIFF and JPEG 2000 either reads as GDAL's tools read it, or is refused for the right reason.</summary>
public sealed class RealRastersTests
{
    // What carries no CRS is read in this one, as a lot declared so would be.
    private const string Undeclared = "EPSG:2154";

    public static TheoryData<string> Files()
    {
        var files = new TheoryData<string>();
        if (RealData.Root is null)
            return files;
        var root = RealData.PathOf("raster");
        foreach (var file in Directory.EnumerateFiles(root, "*.*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (Path.GetExtension(file).ToLowerInvariant() is ".tif" or ".tiff" or ".jp2")
                files.Add(Path.GetRelativePath(root, file));
        }

        return files;
    }

    [RealDataTheory]
    [MemberData(nameof(Files))]
    public void Real_raster_reads_as_the_reference_reads_it_or_is_refused(string file)
    {
        var path = RealData.PathOf(Path.Combine("raster", file));
        var info = RasterInspector.Inspect(path, file);
        RasterInspector.Verify(path, file);
        if (info.Orientation is Orientation.Unplaced or Orientation.Rotated)
        {
            var refusal = Assert.Throws<UnreadableRasterException>(() => LotSources.Open([(path, file)], info.Crs ?? Undeclared));
            Assert.Equal(file, refusal.Raster);
            Assert.Contains(info.Orientation == Orientation.Unplaced ? "georeferenced" : "rotated", refusal.Reason);
            return;
        }

        if (info.Bands > 4)
        {
            Assert.Contains("1 to 4", Assert.Throws<UnreadableRasterException>(() => LotSources.Open([(path, file)], info.Crs ?? Undeclared)).Reason);
            return;
        }

        using var lot = LotSources.Open([(path, file)], info.Crs ?? Undeclared);
        var sheet = Assert.Single(lot);
        Assert.Equal((info.Width, info.Height), ((int)sheet.Grid.Width, (int)sheet.Grid.Height));
        var truth = Truth(path, info, lot.Format);
        var mask = TrueMask(path, info, truth, lot.Format);
        foreach (var (col, row, width, height) in Windows(info))
            Compare(sheet, truth, mask, info, col, row, width, height);
    }

    private static byte[] Truth(string path, RasterInfo info, PixelFormat format)
    {
        List<string> options = ["-ot", format.Sample == SampleType.UInt8 ? "Byte" : "Float32"];
        if (info.Colour == ColourModel.Palette)
            options.AddRange(["-expand", "rgb"]);
        else
            options.AddRange(Enumerable.Range(1, format.Channels).SelectMany(band => new[] { "-b", $"{band}" }));
        return GdalTool.Samples(path, [.. options]);
    }

    private static byte[] TrueMask(string path, RasterInfo info, byte[] truth, PixelFormat format)
    {
        if (info.Mask != MaskKind.Nodata || info.Bands == 1)
            return GdalTool.Samples(path, "-b", "mask", "-ot", "Byte");

        // GDAL has one mask a band; a pixel has no data when all its bands say so.
        var nodata = info.Nodata.SelectMany(value => format.Sample == SampleType.UInt8 ? [(byte)value!.Value] : BitConverter.GetBytes((float)value!.Value)).ToArray();
        return [.. Enumerable.Range(0, (int)info.Pixels).Select(pixel =>
            truth.AsSpan(pixel * format.BytesPerPixel, format.BytesPerPixel).SequenceEqual(nodata) ? (byte)0 : (byte)255)];
    }

    private static IEnumerable<(int Col, int Row, int Width, int Height)> Windows(RasterInfo info)
    {
        yield return (0, 0, info.Width, info.Height);
        yield return (-3, -5, info.Width + 7, info.Height + 11);
        yield return (info.Width / 3, info.Height / 2, (info.Width / 2) + 1, (info.Height / 3) + 1);
    }

    private static void Compare(IRasterSource sheet, byte[] truth, byte[] mask, RasterInfo info, int col, int row, int width, int height)
    {
        using var window = Raster.Rent(width, height, sheet.Format);
        var hasData = sheet.Read(col, row, window, default);
        var flipped = info.Orientation == Orientation.SouthUp;
        var pixelBytes = sheet.Format.BytesPerPixel;
        var expectedAny = false;
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                int c = col + x, r = flipped ? info.Height - 1 - (row + y) : row + y;
                var isInside = c >= 0 && r >= 0 && c < info.Width && r < info.Height;
                var pixel = isInside ? (r * info.Width) + c : -1;
                var isData = isInside && mask[pixel] != 0;
                if (isData && sheet.Format.Sample == SampleType.Float32)
                    isData = !MemoryMarshal.Cast<byte, float>(truth.AsSpan(pixel * pixelBytes, pixelBytes)).ContainsNaN();
                expectedAny |= isData;
                if (!hasData)
                    continue;
                Assert.True(isData == (window.Mask[(y * width) + x] != 0), $"mask at column {c}, row {r}: expected {isData}");
                if (isData && !truth.AsSpan(pixel * pixelBytes, pixelBytes).SequenceEqual(window.Pixels.Slice((y * window.StrideBytes) + (x * pixelBytes), pixelBytes)))
                    Assert.Fail($"sample at column {c}, row {r} of {width} x {height} at {col}, {row}");
            }
        }

        Assert.Equal(expectedAny, hasData);
        if (hasData)
            Assert.Equal(!window.Mask.Contains((byte)0), window.IsFull);
    }
}

internal static class Floats
{
    internal static bool ContainsNaN(this Span<float> values)
    {
        foreach (var value in values)
        {
            if (float.IsNaN(value))
                return true;
        }

        return false;
    }
}
