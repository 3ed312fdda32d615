using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Grid.Imaging.Styles;

namespace Grid.Imaging.Tests.Styles;

/// <summary>Heights made by formula, as a raster and as a file for GDAL's programs.</summary>
internal static class Relief
{
    public const float Nodata = -99999;

    /// <summary>Hills and a steep ridge, with holes without data and one flat place.</summary>
    public static Raster Make(int width, int height)
    {
        var raster = Raster.Rent(width, height, new PixelFormat(SampleType.Float32, 1));
        var values = MemoryMarshal.Cast<byte, float>(raster.Pixels);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var at = (y * width) + x;
                var isFlat = x is > 20 and < 40 && y is > 50 and < 70;
                var isHole = ((x - 60) * (x - 60)) + ((y - 30) * (y - 30)) < 60 || (x == 90 && y == 80);
                values[at] = isHole ? Nodata : isFlat ? 250 : (float)(300 + (80 * Math.Sin(x * 0.11)) + (60 * Math.Cos(y * 0.07)) + (9 * Math.Sin((x + (3 * y)) * 0.4)) + Math.Max(0, 40 - Math.Abs(x - (y / 2) - 10)));
                raster.Mask[at] = isHole ? (byte)0 : (byte)255;
            }
        }

        raster.IsFull = false;
        return raster;
    }

    /// <summary>Writes the heights where GDAL reads them, with square cells of a width in metres.</summary>
    public static string Write(Raster raster, TemporaryFolder folder, double cellWidth, double cellHeight)
    {
        var file = folder.File("relief.bin");
        File.WriteAllBytes(file, raster.Pixels.ToArray());
        File.WriteAllText(folder.File("relief.hdr"), string.Create(CultureInfo.InvariantCulture,
            $"ENVI\nsamples = {raster.Width}\nlines = {raster.Height}\nbands = 1\nheader offset = 0\ndata type = 4\ninterleave = bsq\nbyte order = 0\ndata ignore value = {Nodata}\nmap info = {{Arbitrary, 1, 1, 0, 100000, {cellWidth}, {cellHeight}}}\n"), Encoding.ASCII);
        return file;
    }

    /// <summary>What a style makes of a whole raster with its edge as margin: the picture is smaller by one pixel on each side.</summary>
    public static Raster Apply(string style, Raster window, double cellWidth = 25, double cellHeight = 25)
    {
        var made = Rok4StyleJson.Read(Encoding.UTF8.GetBytes(style), "style.json").ToRasterStyle()!;
        var output = Raster.Rent(window.Width - (2 * made.Margin), window.Height - (2 * made.Margin), made.OutputOf(window.Format)!.Value);
        made.Apply(window, cellWidth, cellHeight, output);
        return output;
    }

    /// <summary>Runs <c>gdaldem</c> and returns its samples, <c>[row, col, channel]</c> in 4-byte floats.</summary>
    public static float[] Gdaldem(TemporaryFolder folder, string relief, params string[] arguments)
    {
        var output = folder.File("gdaldem.tif");
        var table = arguments.Skip(1).TakeWhile(argument => !argument.StartsWith('-')).ToList();
        OutsideTools.Run("gdaldem", [arguments[0], relief, .. table, output, .. arguments.Skip(1 + table.Count), "-q"]);
        var floats = folder.File("gdaldem.float.tif");
        OutsideTools.Run("gdal_translate", "-q", "-ot", "Float32", "-a_nodata", "none", output, floats);
        return MemoryMarshal.Cast<byte, float>(OutsideTools.Samples(floats)).ToArray();
    }
}
