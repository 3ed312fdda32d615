using System.Globalization;
using System.Runtime.InteropServices;
using Grid.Imaging.Codecs;
using Grid.Imaging.Pyramids;
using Grid.Imaging.Resampling;
using Grid.Imaging.Slabs;
using Grid.Tiling;

namespace Grid.Imaging.Tests.Resampling;

/// <summary>Our warp of a synthetic dalle near Paris against GDAL's with its exact transformer.</summary>
public class WarpTests
{

    public static TheoryData<Interpolation, string, SampleType, int, double> Kernels() => new()
    {
        { Interpolation.Bicubic, "cubic", SampleType.UInt8, 3, 1 },
        { Interpolation.Bicubic, "cubic", SampleType.UInt8, 1, 1 },
        { Interpolation.Bicubic, "cubic", SampleType.UInt8, 4, 1 },
        { Interpolation.Bicubic, "cubic", SampleType.Float32, 1, 1 },
        { Interpolation.Linear, "bilinear", SampleType.UInt8, 3, 1 },
        { Interpolation.Lanczos, "lanczos", SampleType.UInt8, 3, 1 },
        { Interpolation.Nearest, "near", SampleType.UInt8, 3, 1 },
        { Interpolation.Bicubic, "cubic", SampleType.UInt8, 3, 2.3 },
        { Interpolation.Lanczos, "lanczos", SampleType.Float32, 1, 1 },
        { Interpolation.Bicubic, "cubic", SampleType.Float32, 1, 2.3 },
    };

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Reprojection_is_that_of_gdalwarp(Interpolation interpolation, string theirs, SampleType sample, int channels, double ratio)
    {
        var format = new PixelFormat(sample, channels);
        using var picture = Pictures.Waves(912, 912, format);
        var cell = 0.3 * ratio;
        var grid = new PixelGrid(257_000, 6_247_900, cell, cell, 512, 512);
        var centre = Centre(grid);
        var source = new MemorySource(centre.X - 91.2, centre.Y + 91.2, 0.2, picture);

        using var ours = Warp(grid, source, new MercatorToLambert93(), interpolation);
        var expected = GdalWarp(picture, source.Grid, grid, theirs);

        double sum = 0;
        long count = 0;
        for (var y = 0; y < 512; y++)
        {
            for (var x = 0; x < 512; x++)
            {
                // Away from the edges of the picture, where the two treat missing taps differently.
                var near = Distance(ours, x, y, 8);
                if (!near)
                    continue;
                for (var c = 0; c < channels; c++)
                {
                    var at = (((y * 512) + x) * channels) + c;
                    var difference = sample == SampleType.UInt8
                        ? Math.Abs(ours.Pixels[at] - expected[at])
                        : Math.Abs(MemoryMarshal.Cast<byte, float>(ours.Pixels)[at] - MemoryMarshal.Cast<byte, float>(expected)[at]) / 5;
                    sum += difference;
                    count++;
                }
            }
        }

        Assert.True(count > 100_000 / ratio / ratio);
        Assert.InRange(sum / count, 0, interpolation == Interpolation.Nearest ? 0.6 : 0.3);
    }

    [Theory]
    [InlineData(Interpolation.Nearest, SampleType.UInt8)]
    [InlineData(Interpolation.Linear, SampleType.UInt8)]
    [InlineData(Interpolation.Bicubic, SampleType.UInt8)]
    [InlineData(Interpolation.Lanczos, SampleType.UInt8)]
    [InlineData(Interpolation.Bicubic, SampleType.Float32)]
    [InlineData(Interpolation.Lanczos, SampleType.Float32)]
    public void Nodata_never_bleeds(Interpolation interpolation, SampleType sample)
    {
        var format = new PixelFormat(sample, 1);
        using var picture = Raster.Rent(600, 600, format);
        Pictures.Fill(picture, (x, y, _) => 100 + ((x + y) % 3));
        for (var i = 0; i < picture.Mask.Length; i++)
        {
            int x = i % 600, y = i / 600;
            if (((x - 300) * (x - 300)) + ((y - 300) * (y - 300)) < 150 * 150 && (x + (7 * y)) % 11 != 0)
                continue;
            picture.Mask[i] = 0;
            if (sample == SampleType.UInt8)
                picture.Pixels[i] = 255;
            else
                MemoryMarshal.Cast<byte, float>(picture.Pixels)[i] = -99999;
        }

        picture.IsFull = false;
        var grid = new PixelGrid(257_000, 6_247_900, 0.3, 0.3, 512, 512);
        var centre = Centre(grid);
        using var ours = Warp(grid, new MemorySource(centre.X - 60, centre.Y + 60, 0.2, picture), new MercatorToLambert93(), interpolation);

        var withData = 0;
        for (var i = 0; i < ours.Mask.Length; i++)
        {
            if (ours.Mask[i] == 0)
                continue;
            withData++;
            var value = sample == SampleType.UInt8 ? ours.Pixels[i] : MemoryMarshal.Cast<byte, float>(ours.Pixels)[i];
            Assert.InRange(value, 99.4, 102.6);
        }

        Assert.InRange(withData, 60_000, 80_000);
    }

    [Fact]
    public void Coordinate_grid_holds_its_error_against_the_exact_transform()
    {
        using var transform = new MercatorToLambert93();
        var source = new PixelGrid(0, 7_200_000, 1, 1, 1_200_000, 1_200_000);

        // A slab of level 11 spans 313 km, where the conic curves by far more than a tenth of a pixel over 256 pixels.
        var target = new PixelGrid(250_000, 6_250_000, 76.4370282851762, 76.4370282851762, 4096, 4096);
        var grid = CoordinateGrid.Build(target, source, transform);

        Assert.True(grid.Step < 256, $"step {grid.Step}, error {grid.ErrorPixels} px");
        var random = new Random(4);
        for (var i = 0; i < 2000; i++)
        {
            int col = random.Next(4096), row = random.Next(4096);
            double[] x = [target.OriginX + ((col + 0.5) * target.CellX)], y = [target.OriginY - ((row + 0.5) * target.CellY)];
            transform.Transform(x, y);
            var place = grid.Place(col / grid.Step, row / grid.Step, col % grid.Step / (double)grid.Step, row % grid.Step / (double)grid.Step);
            Assert.Equal(((x[0] - source.OriginX) / 1) - 0.5, place.X, 0.11);
            Assert.Equal(((source.OriginY - y[0]) / 1) - 0.5, place.Y, 0.11);
        }
    }

    [Fact]
    public void Grids_that_coincide_are_copied()
    {
        using var picture = Pictures.Waves(700, 700, new PixelFormat(SampleType.UInt8, 3));
        var source = new MemorySource(1000, 2000, 0.5, picture);

        using var ours = Warp(new PixelGrid(1010, 1990, 0.5, 0.5, 512, 512), source, null, Interpolation.Bicubic);

        for (var y = 0; y < 512; y++)
            Assert.True(ours.Pixels.Slice(y * 1536, 1536).SequenceEqual(picture.Pixels.Slice((((y + 20) * 700) + 20) * 3, 1536)));
    }

    /// <summary>The block as four tiles, joined.</summary>
    private static Raster Warp(PixelGrid grid, IRasterSource source, ICoordinateTransform? transform, Interpolation interpolation)
    {
        var resampler = new SheetResampler(grid, source, transform, interpolation);
        var output = Raster.Rent((int)grid.Width, (int)grid.Height, source.Format);
        var at = resampler.WindowOf(0, 0, 512, 512)!.Value;
        using var window = Raster.Rent((int)at.Width, (int)at.Height, source.Format);
        Assert.True(source.Read(at.Col, at.Row, window, default));
        var map = new BlockMap(window);
        using var tile = Raster.Rent(256, 256, source.Format);
        for (var i = 0; i < 4; i++)
        {
            int col = i % 2 * 256, row = i / 2 * 256, size = source.Format.BytesPerPixel;
            resampler.Resample(window, map, at, tile, col, row, col, row, 256, 256);
            for (var y = 0; y < 256; y++)
            {
                var to = ((row + y) * 512) + col;
                tile.Mask.Slice(y * 256, 256).CopyTo(output.Mask[to..]);
                tile.Pixels.Slice(y * 256 * size, 256 * size).CopyTo(output.Pixels[(to * size)..]);
            }
        }

        return output;
    }

    private static bool Distance(Raster raster, int x, int y, int margin)
    {
        for (var i = 0; i < 9; i++)
        {
            int nx = x + (((i % 3) - 1) * margin), ny = y + (((i / 3) - 1) * margin);
            if (nx < 0 || ny < 0 || nx >= raster.Width || ny >= raster.Height || raster.Mask[(ny * raster.Width) + nx] == 0)
                return false;
        }

        return true;
    }

    private static (double X, double Y) Centre(PixelGrid grid)
    {
        double[] x = [grid.OriginX + (256 * grid.CellX)], y = [grid.OriginY - (256 * grid.CellY)];
        new MercatorToLambert93().Transform(x, y);
        return (x[0], y[0]);
    }

    private static byte[] GdalWarp(Raster picture, PixelGrid from, PixelGrid to, string kernel)
    {
        using var folder = new TemporaryFolder();
        var format = new SlabFormat(
            TileCompression.Raw, picture.Format, new SlabSize(1, 1), new double[picture.Format.Channels], picture.Width, picture.Height);
        using (var writer = new SlabWriter(format))
        {
            writer.Add(0, picture.Pixels);
            using var slab = writer.Finish();
            File.WriteAllBytes(folder.File("slab.tif"), slab.Memory.ToArray());
        }

        OutsideTools.Run(
            "gdal_translate", "-q", "-a_srs", "EPSG:2154", "-a_ullr", Text(from.OriginX), Text(from.OriginY),
            Text(from.OriginX + (from.Width * from.CellX)), Text(from.OriginY - (from.Height * from.CellY)),
            "-colorinterp", string.Join(',', Enumerable.Repeat("undefined", picture.Format.Channels)), folder.File("slab.tif"), folder.File("source.tif"));
        OutsideTools.Run(
            "gdalwarp", "-q", "-t_srs", "EPSG:3857", "-r", kernel, "-et", "0", "-te", Text(to.OriginX), Text(to.OriginY - (512 * to.CellY)),
            Text(to.OriginX + (512 * to.CellX)), Text(to.OriginY), "-ts", "512", "512", folder.File("source.tif"), folder.File("warped.tif"));
        return OutsideTools.Samples(folder.File("warped.tif"));
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
