using Grid.Cli.Lots.Lidar;

namespace Grid.PointCloud.Tests;

public class LidarLotTests
{
    [Fact]
    public async Task Generated_block_is_like_a_lidar_hd_delivery()
    {
        var folder = Directory.CreateTempSubdirectory("grid-lidar-").FullName;
        var options = new LidarLotOptions { Columns = 2, Rows = 1, SideMeters = 200, Density = 2, PointFormat = 6 };
        var files = await LidarLot.GenerateAsync(Path.Combine(folder, "a"), options);
        var again = await LidarLot.GenerateAsync(Path.Combine(folder, "b"), options);
        Assert.Equal(["LHD_FXX_65000_687000_PTS_LAMB93_IGN69.laz", "LHD_FXX_65020_687000_PTS_LAMB93_IGN69.laz"], files.Select(Path.GetFileName));
        var kinds = new long[256];
        var returns = new long[16];
        long points = 0;
        foreach (var (file, west) in files.Zip([650_000, 650_200]))
        {
            await using var reader = await PointCloudReader.OpenAsync(file);
            Assert.Equal((4, 6), (reader.Header.MinorVersion, reader.Header.PointFormat.Number));
            Assert.True(reader.Header.Min.X >= west && reader.Header.Max.X < west + 200);
            Assert.True(reader.Header.Min.Y > 6_869_800 && reader.Header.Max.Y <= 6_870_000);
            Assert.Contains(reader.Records, record => record.RecordId == 2112);
            var (line, time) = (0, 0.0);
            await foreach (var batch in reader.ReadAsync())
            {
                for (var i = 0; i < batch.Count; i++)
                {
                    var point = batch[i];
                    Assert.InRange(point.ReturnNumber, 1, point.NumberOfReturns);
                    kinds[point.Classification]++;
                    returns[point.ReturnNumber]++;
                    points++;
                    if (point.PointSource == line)
                        Assert.True(point.GpsTime >= time, "time goes on along a line");
                    (line, time) = (point.PointSource, point.GpsTime);
                }

                batch.Dispose();
            }
        }

        Assert.All(new[] { 1, 2, 3, 5, 6, 9, 17, 65, 66 }, kind => Assert.True(kinds[kind] > 0, $"class {kind}"));
        Assert.All(new[] { 1, 2, 3 }, number => Assert.True(returns[number] > 0, $"return {number}"));
        Assert.InRange(points, 2 * 200 * 200 * 2, 2 * 200 * 200 * 8);
        Assert.Equal(files.Select(File.ReadAllBytes), again.Select(File.ReadAllBytes));
        Directory.Delete(folder, recursive: true);
    }
}
