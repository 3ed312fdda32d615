using System.Runtime.InteropServices;
using Grid.Imaging;
using Grid.Imaging.Codecs;
using Grid.Imaging.Styles;

namespace Grid.Benchmarks.Kernels;

/// <summary>Each default style per pixel of heights in memory, and whole tiles of them: decoded, styled, encoded.</summary>
internal static class StyleKernels
{
    private const int Side = 4098;
    private static readonly PixelFormat _heights = new(SampleType.Float32, 1);

    public static void Run(TextWriter output)
    {
        using var relief = Raster.Rent(Side, Side, _heights);
        var values = MemoryMarshal.Cast<byte, float>(relief.Pixels);
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)(800 + (300 * Math.Sin(i % Side * 0.013)) + (200 * Math.Cos(i / Side * 0.017)) + (5 * Math.Sin(i * 0.7)));
        relief.Mask.Fill(255);
        relief.IsFull = true;
        foreach (var (name, file) in DefaultStyles.All)
        {
            if (Rok4StyleJson.Read(file, name).ToRasterStyle() is not { } style)
                continue;
            using var picture = Raster.Rent(Side - (2 * style.Margin), Side - (2 * style.Margin), style.OutputOf(_heights)!.Value);
            KernelBenchmark.Measure(output, $"style {name}, per pixel", (long)picture.Width * picture.Height, () => style.Apply(relief, 5, 5, picture));
        }

        using var tile = Raster.Rent(256, 256, _heights);
        for (var y = 0; y < 256; y++)
            relief.Pixels.Slice(y * Side * 4, 1024).CopyTo(tile.Pixels[(y * 1024)..]);
        using var zip = TileEncoder.Create(TileCompression.Zip, _heights, 256, 256);
        var stored = new StoredTile(zip.Encode(tile.Pixels).ToArray(), null);
        var format = new StoredTileFormat(TileCompression.Zip, _heights, 256, 256, [-99999]);
        var hillshade = Rok4StyleJson.Read(DefaultStyles.All.First(style => style.Name == "hillshade").File, "hillshade").ToRasterStyle()!;
        TileEdges[] around = [.. Enumerable.Repeat(TileEdges.Of(stored, format), StyledTile.Neighbours)];
        KernelBenchmark.Measure(output, "tile of heights, decoded, per pixel", 64 * 65536, () => Times(64, () => TileEdges.Of(stored, format)));
        KernelBenchmark.Measure(output, "hillshade tile whole, per pixel", 64 * 65536, () => Times(64, () => StyledTile.Make(hillshade, format, stored, around, 5, 5, out _)));
    }

    private static void Times(int count, Action work)
    {
        for (var i = 0; i < count; i++)
            work();
    }
}
