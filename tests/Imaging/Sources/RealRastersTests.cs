using System.Runtime.InteropServices;
using Grid.Fixtures;
using Grid.Imaging.Codecs;
using Grid.Imaging.Gdal;
using Grid.Imaging.Inspection;
using Grid.Imaging.Pyramids;
using Grid.Imaging.Resampling;
using Grid.Imaging.Slabs;
using Grid.Imaging.Sources;
using Grid.Imaging.Tests.Gdal;
using Grid.Imaging.Tests.Pyramids;
using Grid.Tiling;

namespace Grid.Imaging.Tests.Sources;

/// <summary>Every real raster of the folder either reads, and becomes a pyramid, as GDAL's tools read it, or is refused for the right reason.</summary>
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
            if (Path.GetExtension(file).ToLowerInvariant() is ".tif" or ".tiff" or ".jp2" or ".jpg" or ".png" or ".asc" or ".bil")
                files.Add(Path.GetRelativePath(root, file));
        }

        return files;
    }

    [RealDataTheory]
    [MemberData(nameof(Files))]
    public void Real_raster_reads_as_the_reference_reads_it_or_is_refused(string file)
    {
        AgreesWithGdal(RealData.PathOf(Path.Combine("raster", file)), file);
    }

    /// <summary>What producers and their tools write beside plain TIFFs, each made by GDAL of one ortho-photo.</summary>
    [Theory]
    [InlineData("a.tif", "-of", "COG", "-co", "COMPRESS=DEFLATE", "-co", "BLOCKSIZE=128")]
    [InlineData("a.tif", "-of", "COG", "-co", "COMPRESS=JPEG", "-co", "BLOCKSIZE=128")]
    [InlineData("a.tif", "-of", "COG", "-co", "COMPRESS=LZW", "-co", "ADD_ALPHA=YES", "-co", "TILING_SCHEME=GoogleMapsCompatible")]
    [InlineData("a.tif", "-co", "BIGTIFF=YES", "-co", "TILED=YES", "-co", "COMPRESS=LZW", "-co", "PREDICTOR=2")]
    [InlineData("a.tif", "-co", "BIGTIFF=YES", "-co", "INTERLEAVE=BAND")]
    [InlineData("a.tif", "-co", "ENDIANNESS=BIG", "-co", "COMPRESS=PACKBITS")]
    [InlineData("a.tif", "-co", "COMPRESS=ZSTD", "-co", "TILED=YES", "-co", "SPARSE_OK=TRUE")]
    [InlineData("a.tif", "-ot", "UInt16", "-scale", "0", "255", "0", "65535", "-co", "COMPRESS=DEFLATE")]
    [InlineData("a.tif", "-ot", "Int16", "-b", "1", "-a_nodata", "-9999")]
    [InlineData("a.tif", "-ot", "Float32", "-b", "1", "-a_nodata", "nan", "-co", "COMPRESS=LERC")]
    [InlineData("a.tif", "-ot", "Float64", "-b", "1", "-co", "COMPRESS=DEFLATE", "-co", "PREDICTOR=3")]
    [InlineData("a.tif", "-b", "1", "-co", "NBITS=1", "-co", "COMPRESS=CCITTFAX4")]
    [InlineData("a.tif", "-b", "1", "-b", "2", "-b", "3", "-b", "1", "-co", "PHOTOMETRIC=CMYK")]
    [InlineData("a.tif", "-b", "1", "-b", "2", "-b", "3", "-b", "1", "-colorinterp_4", "alpha", "-co", "COMPRESS=DEFLATE")]
    [InlineData("a.tif", "-b", "1", "-b", "2", "-colorinterp_2", "alpha")]
    [InlineData("a.tif", "-b", "1", "-b", "2", "-b", "3", "-mask", "1", "--config", "GDAL_TIFF_INTERNAL_MASK", "YES", "-co", "COMPRESS=JPEG", "-co", "PHOTOMETRIC=YCBCR")]
    [InlineData("a.tif", "-b", "1", "-b", "2", "-b", "3", "-mask", "1", "--config", "GDAL_TIFF_INTERNAL_MASK", "NO")]
    [InlineData("a.tif", "-co", "TFW=YES", "-co", "PROFILE=BASELINE")]
    [InlineData("a.jp2", "-of", "JP2OpenJPEG", "-co", "QUALITY=100", "-co", "REVERSIBLE=YES", "-co", "BLOCKXSIZE=64", "-co", "BLOCKYSIZE=64")]
    [InlineData("a.png", "-of", "PNG", "-co", "WORLDFILE=YES")]
    [InlineData("a.jpg", "-of", "JPEG", "-co", "WORLDFILE=YES")]
    [InlineData("a.bil", "-of", "EHdr")]
    [InlineData("a.asc", "-of", "AAIGrid", "-b", "1")]
    public void Raster_of_each_kind_reads_as_the_reference_reads_it(string name, params string[] options)
    {
        using var folder = new RasterFolder();
        var made = folder.File(name);
        GdalTool.Run("gdal_translate", [.. options, "-q", Grid.Cli.Lots.OrthoLot.Generate(folder.Root, 1, 1, 150, 0.5)[0], made]);
        if (name == "a.tif" && options.Contains("TILED=YES"))
            GdalTool.Run("gdaladdo", "-q", made, "2", "4");
        AgreesWithGdal(made, name);
    }

    private static void AgreesWithGdal(string path, string file)
    {
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
        ComparePyramid(lot, sheet, truth, mask, info);
    }

    /// <summary>A pyramid of two levels on the raster's own pixels: the bottom has GDAL's samples wherever there are data, and nothing elsewhere.</summary>
    private static void ComparePyramid(LotSources lot, IRasterSource sheet, byte[] truth, byte[] mask, RasterInfo info)
    {
        const int Side = 256;
        var (grid, size, flipped) = (sheet.Grid, new SlabSize(2, 2), info.Orientation == Orientation.SouthUp);
        var cell = Math.Min(grid.CellX, grid.CellY);
        var (cols, rows) = ((long)Math.Ceiling(grid.Width * grid.CellX / cell / (2 * Side)), (long)Math.Ceiling(grid.Height * grid.CellY / cell / (2 * Side)));
        var set = new TileMatrixSet("own", Undeclared,
        [
            new TileMatrix("0", 2 * cell, grid.OriginX, grid.OriginY, cols, rows), new TileMatrix("1", cell, grid.OriginX, grid.OriginY, 2 * cols, 2 * rows),
        ]);
        var format = new PyramidBuildFormat(new SlabFormat(TileCompression.Raw, lot.Format, size, new double[lot.Format.Channels]), true, Interpolation.Nearest);
        var slabs = RegionBuildTests.Build(new PyramidPlan(set, "1", "0", size, [lot.Extent]), format, lot, null, 2);
        var pixelBytes = lot.Format.BytesPerPixel;
        var samples = new byte[Side * Side * pixelBytes];
        var masks = new byte[Side * Side];
        for (var tile = 0; tile < 4 * cols * rows; tile++)
        {
            var (col, row) = (tile % (2 * cols), tile / (2 * cols));
            var isStored = slabs.TryGetValue(size.SlabOf("1", col, row), out var slab) && slab.Data.Length > 0
                && new SlabReader(slab.Data).TryDecode(size.TileNumber(col, row), samples) && new SlabReader(slab.Mask).TryDecode(size.TileNumber(col, row), masks);
            for (var i = 0; i < masks.Length; i++)
            {
                double x = ((col * Side) + (i % Side) + 0.5) * cell / grid.CellX, y = ((row * Side) + (i / Side) + 0.5) * cell / grid.CellY;
                // Of two pixels that are equally near either may be taken.
                if (Math.Abs(x - Math.Round(x)) < 1e-6 || Math.Abs(y - Math.Round(y)) < 1e-6)
                    continue;
                var isData = x < info.Width && y < info.Height;
                var pixel = isData ? ((flipped ? info.Height - 1 - (int)y : (int)y) * info.Width) + (int)x : 0;
                var expected = truth.AsSpan(pixel * pixelBytes, pixelBytes);
                isData &= mask[pixel] != 0 && !(lot.Format.Sample == SampleType.Float32 && MemoryMarshal.Cast<byte, float>(expected).ContainsNaN());
                Assert.True(isData == (isStored && masks[i] != 0), $"mask at column {x}, row {y}: expected {isData}");
                if (isData && !expected.SequenceEqual(samples.AsSpan(i * pixelBytes, pixelBytes)))
                    Assert.Fail($"sample at column {x}, row {y} of the pyramid");
            }
        }
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
