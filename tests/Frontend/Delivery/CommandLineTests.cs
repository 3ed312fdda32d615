using System.CommandLine;
using System.Text.RegularExpressions;
using Grid.Cli.Commands;

namespace Grid.Frontend.Tests.Delivery;

/// <summary>What a wrong command line is answered with: a sentence and a code, never a stack.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("make ortho DIR --pixels 0", "--pixels is 0: it goes from 1 to 37000.")]
    [InlineData("make ortho DIR --pixels -5", "--pixels is -5: it goes from 1 to 37000.")]
    [InlineData("make ortho DIR --pixels 1000000", "--pixels is 1000000: it goes from 1 to 37000.")]
    [InlineData("make ortho DIR --pixels many", "many")]
    [InlineData("make ortho DIR --pixel 0", "--pixel is 0: it goes from 0.01 to 1000.")]
    [InlineData("make ortho DIR --pixel NaN", "--pixel is NaN")]
    [InlineData("make ortho DIR --size 0x2", "--size is two whole numbers")]
    [InlineData("make ortho DIR --size 2", "--size is two whole numbers")]
    [InlineData("make ortho DIR --seed 99999999999", "99999999999")]
    [InlineData("make lidar DIR --density 0", "--density is 0: it goes from 0.01 to 1000.")]
    [InlineData("make lidar DIR --side -1", "--side is -1: it goes from 1 to 10000.")]
    [InlineData("make lidar DIR --format 3", "--format is 3: it goes from 6 to 8.")]
    [InlineData("make raster DIR", "raster")]
    [InlineData("models DIR OUT --step 0.5 0", "--step is 0: it goes from 0.01 to 1000.")]
    [InlineData("models DIR OUT --model mnx", "mnx")]
    [InlineData("models DIR OUT --margin -1", "--margin is -1: it goes from 0 to 10000.")]
    [InlineData("models DIR OUT --epsg 0", "--epsg is 0: it goes from 1 to 999999.")]
    [InlineData("demo --server S --port 70000", "--port is 70000: it goes from 0 to 65535.")]
    [InlineData("demo --server S --compression gif", "gif")]
    [InlineData("demo --server S --interpolation cubic", "cubic")]
    [InlineData("cluster up --programs P --silos 0", "--silos is 0: it goes from 1 to 16.")]
    [InlineData("cluster up --programs P --port 0", "--port is 0: it goes from 1 to 65535.")]
    [InlineData("pyrolyse --pyramid P --ratio 0", "--ratio is 0: it goes from 1 to 2147483647.")]
    [InlineData("pyrolyse", "--pyramid")]
    [InlineData("tmsizer --tms PM -if LOG -of COUNT", "LOG")]
    [InlineData("deliver DIR", "--name")]
    [InlineData("deliver DIR --name N --files ALL", "ALL")]
    [InlineData("make-layer --pyramids P --name N --resampling cubic", "cubic")]
    [InlineData("deliver DIR --name N --set nodata", "--set nodata: a parameter is written NAME=VALUE")]
    [InlineData("process P --output O --set =1", "NAME=VALUE")]
    [InlineData("nothing", "nothing")]
    public void Wrong_value_is_told_with_what_is_allowed(string line, string told)
    {
        var given = GridCommand.Create().Parse(line);
        Assert.Contains(given.Errors, error => error.Message.Contains(told, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Outcome.Failed, "tmsizer", "--tms", "NONE", "-if", "GEOMETRY", "-of", "COUNT")]
    [InlineData(Outcome.Failed, "tmsizer", "--tms", "PM", "-i", "/no/such/file", "-if", "GEOMETRY", "-of", "COUNT")]
    [InlineData(Outcome.Failed, "tmsizer", "--tms", "PM", "-i", "/etc/hostname", "-if", "GEOMETRY", "-io", "format=SVG", "level=3", "-of", "COUNT")]
    [InlineData(Outcome.Failed, "tmsizer", "--tms", "PM", "-i", "/dev/null", "-if", "GETTILE_PARAMS", "-of", "HEATMAP", "-oo", "bbox=1,2", "level=3", "-o", "/dev/null")]
    [InlineData(Outcome.Failed, "tmsizer", "--tms", "PM", "-i", "/dev/null", "-if", "GETTILE_PARAMS", "-io", "levels=3", "levels=4", "-of", "COUNT")]
    [InlineData(Outcome.Failed, "tmsizer", "--tms", "PM", "-i", "/dev/null", "-if", "GETTILE_PARAMS", "-of", "HEATMAP", "-oo", "bbox=0,0,NaN,9", "dimensions=1x1", "-o", "/dev/null")]
    [InlineData(Outcome.Failed, "pyrolyse", "--pyramid", "/no/such/pyramid.json")]
    [InlineData(Outcome.Failed, "pyrolyse", "--pyramid", "/dev/null")]
    [InlineData(Outcome.Usage, "pyrolyse", "--pyramid", "")]
    [InlineData(Outcome.Failed, "make-layer", "--pyramids", "/no/such/pyramid.json", "--name", "n")]
    [InlineData(Outcome.Failed, "make-layer", "--pyramids", "a>b", "--name", "n")]
    [InlineData(Outcome.Failed, "models", "/no/such/folder", "/dev/null/x")]
    [InlineData(Outcome.Failed, "make", "ortho", "/dev/null/x", "--pixels", "8", "--size", "1x1")]
    [InlineData(Outcome.Usage, "make", "ortho", "", "--pixels", "8", "--size", "1x1")]
    [InlineData(Outcome.Failed, "deliver", "/no/such/folder", "--name", "n", "--url", "ftp://nowhere", "--data", "/no/such")]
    [InlineData(Outcome.Failed, "import", "/no/such/descriptor.json", "--name", "n", "--data", "/no/such")]
    [InlineData(Outcome.Failed, "process", "--data", "/no/such")]
    [InlineData(Outcome.Failed, "cluster", "kill", "7", "--programs", "/no/such", "--data", "/no/such")]
    public async Task Wrong_place_is_told_in_a_sentence(int code, params string[] line)
    {
        var given = GridCommand.Create().Parse(line);
        Assert.Empty(given.Errors);
        using var told = new StringWriter();
        var formerly = Console.Error;
        Console.SetError(told);
        try
        {
            var ended = await given.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
            Assert.True(ended is Outcome.Usage or Outcome.Failed && (code == Outcome.Usage || ended == code), $"{ended}: {told}");
        }
        finally
        {
            Console.SetError(formerly);
        }

        Assert.Matches(new Regex("error: ."), told.ToString());
        Assert.DoesNotContain("   at ", told.ToString());
    }
}
