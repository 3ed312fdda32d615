using System.CommandLine;

namespace Grid.Cli.Commands;

/// <summary>All commands.</summary>
public static class GridCommand
{
    /// <summary>Makes the root of the command line.</summary>
    public static RootCommand Create() => new("Grid's command line: deliver rasters or pyramids to a server, or see the whole job in a demonstration.")
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
}
