using Orleans;

namespace Grid.Interfaces.Catalogue;

/// <summary>One static, keyed by its id (UUID, lower case): a style file of a datastore. Published layers show the file that they were published with.</summary>
[Alias("grid.static")]
public interface IStaticGrain : IGrainWithStringKey
{
    /// <summary>Reads the file and creates the static. Throws <see cref="InvalidInputException"/> for a faulty file, <see cref="ConflictException"/> for a name that the datastore has.</summary>
    [Alias("Create")]
    Task CreateAsync(NewStatic created);

    /// <summary>Replaces the file; what is published changes once it is synchronised. Throws as creation does, and when a configuration's data cannot be shown in it.</summary>
    [Alias("Replace")]
    Task ReplaceAsync(StaticFile file);

    /// <summary>Merges a patch: name, description and extra; other members are ignored.</summary>
    [Alias("Patch")]
    Task PatchAsync(string patchJson);

    /// <summary>Deletes it. Throws <see cref="ConflictException"/> while a configuration names it.</summary>
    [Alias("Delete")]
    Task DeleteAsync();
}

/// <summary>A request to create a static.</summary>
[GenerateSerializer, Alias("grid.new-static"), Immutable]
public sealed record NewStatic(
    [property: Id(0)] Guid Datastore, [property: Id(1)] string Name, [property: Id(2)] string Type, [property: Id(3)] string? Description, [property: Id(4)] StaticFile File);

/// <summary>A file as it was delivered; a few kilobytes, at most a megabyte.</summary>
[GenerateSerializer, Alias("grid.static-file"), Immutable]
public sealed record StaticFile([property: Id(0)] string Name, [property: Id(1)] byte[] Content);

/// <summary>The kinds of statics.</summary>
public static class StaticTypes
{
    /// <summary>A raster style in ROK4's JSON.</summary>
    public const string Rok4Style = "ROK4-STYLE";
}
