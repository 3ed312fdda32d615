using System.CommandLine;
using Grid.Cli.Commands;

var root = new RootCommand("Grid's command line: deliver rasters or pyramids to a server, or see the whole job in a demonstration.")
{
    DeliverCommand.Create(),
    ImportCommand.Create(),
    PyrolyseCommand.Create(),
    TmsizerCommand.Create(),
    MakeLayerCommand.Create(),
    ProcessCommand.Create(),
    DemoCommand.Create(),
    ClusterCommand.Create(),
    MakeCommand.Create(),
    ModelsCommand.Create(),
};
var given = root.Parse(args);
// A demonstration stops its server before it ends; PostgreSQL is part of that.
var code = await given.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
return given.Errors.Count > 0 ? Outcome.Usage : code;
