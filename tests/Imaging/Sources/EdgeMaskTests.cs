using Grid.Imaging.Inspection;
using Grid.Imaging.Sources;
using Grid.Imaging.Tests.Gdal;

namespace Grid.Imaging.Tests.Sources;

public sealed class EdgeMaskTests
{
    [Theory]
    [InlineData("COMPRESS=NONE")]
    [InlineData("COMPRESS=DEFLATE")]
    [InlineData("TILED=YES")]
    public void White_that_touches_the_border_has_no_data_and_a_white_roof_inside_has(string layout)
    {
        using var folder = new RasterFolder();
        const int Width = 300, Height = 260;
        var samples = new byte[Width * Height * 3];
        Array.Fill(samples, (byte)90);
        // A collar on the left, a bay that a narrow way joins to it, a roof that nothing joins to them, and one that touches the bay by a corner alone.
        Fill(0, 0, 20, Height);
        Fill(20, 100, 60, 1);
        Fill(80, 90, 30, 30);
        Fill(150, 100, 40, 40);
        Fill(110, 120, 10, 10);
        var path = Picture.Write(folder, "a.tif", samples, Width, Height, 3, [.. Picture.At(1000, 2000, Width, Height), "-co", layout]);
        (string, string)[] lot = [(path, "a.tif")];
        using var sources = LotSources.Open(lot, LotSources.Inspect(lot, "EPSG:2154", 1), "EPSG:2154", nodata: [255], atEdges: true);
        using var window = Raster.Rent(Width, Height, sources.Format);
        Assert.True(sources[0].Read(0, 0, window, default));
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                var isOutside = x < 20 || (y == 100 && x < 80) || (x is >= 80 and < 110 && y is >= 90 and < 120);
                Assert.True(isOutside == (window.Mask[(y * Width) + x] == 0), $"column {x}, row {y}");
            }
        }

        Assert.False(window.IsFull);

        void Fill(int left, int top, int width, int height)
        {
            for (var y = top; y < top + height; y++)
                samples.AsSpan(((y * Width) + left) * 3, width * 3).Fill(255);
        }
    }

    [Fact]
    public void Flood_reaches_what_a_search_pixel_by_pixel_reaches()
    {
        const int Width = 131, Height = 97;
        var random = new Random(11);
        var mask = new byte[Width * Height];
        for (var i = 0; i < mask.Length; i++)
            mask[i] = random.NextDouble() < 0.62 ? (byte)0 : (byte)255;
        var edges = new EdgeMask(Width, Height, 10, (top, rows, some) => mask.AsSpan(top * Width, rows * Width).CopyTo(some));
        var reached = new bool[mask.Length];
        var waiting = new Queue<int>(Enumerable.Range(0, mask.Length).Where(i => mask[i] == 0 && (i % Width is 0 or Width - 1 || i / Width is 0 or Height - 1)));
        while (waiting.TryDequeue(out var i))
        {
            if (reached[i])
                continue;
            reached[i] = true;
            foreach (var (x, y) in ((int, int)[])[((i % Width) - 1, i / Width), ((i % Width) + 1, i / Width), (i % Width, (i / Width) - 1), (i % Width, (i / Width) + 1)])
            {
                if (x >= 0 && y >= 0 && x < Width && y < Height && mask[(y * Width) + x] == 0)
                    waiting.Enqueue((y * Width) + x);
            }
        }

        Assert.Contains(true, reached);
        for (var i = 0; i < mask.Length; i++)
            Assert.Equal(reached[i], edges.Contains(i % Width, i / Width));
    }
}
