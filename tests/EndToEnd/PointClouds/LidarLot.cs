using System.Buffers.Binary;
using Grid.PointCloud;
using Grid.PointCloud.Las;

namespace Grid.EndToEnd.Tests.PointClouds;

/// <summary>LAZ tiles of a hilly ground with trees, as a producer delivers them: format 6, in Lambert-93, a file each of its own square.</summary>
internal static class LidarLot
{
    private const string Wkt =
        "PROJCS[\"RGF93 / Lambert-93\",GEOGCS[\"RGF93\",DATUM[\"Reseau_Geodesique_Francais_1993\",SPHEROID[\"GRS 1980\",6378137,298.257222101]],PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0.0174532925199433]],PROJECTION[\"Lambert_Conformal_Conic_2SP\"],PARAMETER[\"standard_parallel_1\",49],PARAMETER[\"standard_parallel_2\",44],PARAMETER[\"latitude_of_origin\",46.5],PARAMETER[\"central_meridian\",3],PARAMETER[\"false_easting\",700000],PARAMETER[\"false_northing\",6600000],UNIT[\"metre\",1],AUTHORITY[\"EPSG\",\"2154\"]]\0";

    /// <summary>Writes two by two tiles of 100 m; returns how many points they have.</summary>
    public static async Task<int> WriteAsync(string folder, int pointsOfTile, int seed)
    {
        for (var tile = 0; tile < 4; tile++)
        {
            var path = Path.Combine(folder, $"Semis_{tile}.laz");
            await using var output = File.Create(path);
            var header = new LasHeader
            {
                PointFormat = PointFormat.Of(6), Scale = new Xyz(0.01, 0.01, 0.01), Offset = new Xyz(700_000, 6_600_000, 0),
                GlobalEncoding = GlobalEncoding.StandardGpsTime | GlobalEncoding.Wkt, GeneratingSoftware = "Grid tests",
            };
            await using var writer = await PointCloudWriter.CreateAsync(
                output, header, [new VariableLengthRecord("LASF_Projection", 2112, "WKT", System.Text.Encoding.UTF8.GetBytes(Wkt))]);
            await writer.WriteAsync(Points(pointsOfTile, new Random(seed + tile), tile % 2 * 10_000, tile / 2 * 10_000));
            await writer.FinishAsync();
        }

        return 4 * pointsOfTile;
    }

    private static byte[] Points(int count, Random random, int west, int south)
    {
        var records = new byte[count * 30];
        for (var i = 0; i < count; i++)
        {
            var record = records.AsSpan(i * 30, 30);
            int x = west + random.Next(10_000), y = south + random.Next(10_000);
            var isTree = random.Next(3) == 0;
            BinaryPrimitives.WriteInt32LittleEndian(record, x);
            BinaryPrimitives.WriteInt32LittleEndian(record[4..], y);
            BinaryPrimitives.WriteInt32LittleEndian(record[8..], (int)(20_000 + (500 * Math.Sin(x / 3000.0))) + (isTree ? random.Next(1500) : 0));
            BinaryPrimitives.WriteUInt16LittleEndian(record[12..], (ushort)random.Next(3000));
            record[14] = (byte)(isTree ? 0x21 : 0x11);
            record[16] = (byte)(isTree ? 5 : 2);
            BinaryPrimitives.WriteDoubleLittleEndian(record[22..], 3e8 + (i * 1e-5));
        }

        return records;
    }
}
